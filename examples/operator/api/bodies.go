package api

import "github.com/postern-lock/postern/credential"

// Registration proves that a box is the owner's (PUT /v1/boxes/{lock}/owner).
type Registration struct {
	Key          credential.PublicKey `json:"key"`
	Receipt      Bytes                `json:"receipt"`
	Certificates []Bytes              `json:"certificates"`
	// Policy is the one that the receipt names, where the receipt's entry does not
	// itself give the lock to the key.
	Policy Bytes `json:"policy,omitempty"`
}

// Ownership is what the service knows of a lock's owner.
type Ownership struct {
	Lock          LockID               `json:"lock"`
	Key           credential.PublicKey `json:"key"`
	Sequence      uint32               `json:"sequence"`      // of the entry in the receipt that decided
	PolicyVersion uint32               `json:"policyVersion"` // that receipts show the lock to have reached
	// PolicySaid is the version of the policy in the outbox that a device says it
	// delivered, though no receipt shows it; 0 where there is none.
	PolicySaid uint32 `json:"policySaid"`
}

// PolicyUpload is a policy for the couriers (POST /v1/boxes/{lock}/policies).
type PolicyUpload struct {
	Policy Bytes `json:"policy"`
}

// PolicyPosted names a policy that is in the outbox.
type PolicyPosted struct {
	Lock    LockID `json:"lock"`
	Version uint32 `json:"version"`
	Tag     Tag    `json:"tag"`
}

// LogWanted says whether the owner waits for the log.
type LogWanted struct {
	Wanted bool `json:"wanted"`
}

// Pages are sealed pages of a lock's log, 792 bytes each.
type Pages struct {
	Pages []Bytes `json:"pages"`
}

// PagesTaken names pages by SHA-256 over the sealed bytes.
type PagesTaken struct {
	Digests []Digest `json:"digests"`
}

// Documents are for the owner's own phone to take to the lock.
type Documents struct {
	Documents   []Bytes `json:"documents"`   // revocation lists, and a stated time token
	Authorities []Bytes `json:"authorities"` // certificates of who signed them
}

// Round is what a device of the staff needs (GET /v1/staff/round).
type Round struct {
	Grants      []Bytes  `json:"grants"`
	Authorities []Bytes  `json:"authorities"`
	Lists       []Bytes  `json:"lists"`
	Policies    []Policy `json:"policies"`
	Logs        []LockID `json:"logs"` // locks whose owners wait for the log
}

// Policy is a policy for one lock, in the outbox.
type Policy struct {
	Lock     LockID `json:"lock"`
	Tag      Tag    `json:"tag"`
	Document Bytes  `json:"document"`
}

// Deliveries says which policies the device delivered, 1 to 1024.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries"`
}

// Delivery says that a lock holds a policy, or a newer one.
type Delivery struct {
	Lock LockID `json:"lock"`
	Tag  Tag    `json:"tag"`
}

// Noted says how many of the policies were in the outbox of the device's grants: it
// is not asked to carry these again.
type Noted struct {
	Noted int `json:"noted"`
}

// Logs are pages of 1 to 64 locks.
type Logs struct {
	Logs []Log `json:"logs"`
}

// Log is 1 to 4 sealed pages of one lock.
type Log struct {
	Lock  LockID  `json:"lock"`
	Pages []Bytes `json:"pages"`
}

// Receipts are 1 to 64 receipts.
type Receipts struct {
	Receipts []Receipt `json:"receipts"`
}

// Receipt is a receipt with the certificates that it takes to verify it.
type Receipt struct {
	Receipt      Bytes   `json:"receipt"`
	Certificates []Bytes `json:"certificates"`
}

// Outcomes tells what became of each part of a request, in its order.
type Outcomes struct {
	Outcomes []Outcome `json:"outcomes"`
}

// Outcome tells what became of one part: it is kept, or there is a problem.
type Outcome struct {
	Kept    bool     `json:"kept"`
	Problem *Problem `json:"problem,omitempty"`
}

// Nonce is the 16 bytes of a lock's answer to SELECT.
type Nonce struct {
	Nonce Bytes `json:"nonce"`
}

// Token is a live time token.
type Token struct {
	Token       Bytes   `json:"token"`
	Authorities []Bytes `json:"authorities"`
}

// Duty is an area for some hours, one line of POST /v1/duties.
type Duty struct {
	ID        DutyID               `json:"id"`
	Holder    credential.PublicKey `json:"holder"`
	Area      Bytes                `json:"area"`
	Service   Service              `json:"service"`
	Actions   Actions              `json:"actions"`
	NotBefore credential.Time      `json:"notBefore"`
	Expires   credential.Time      `json:"expires"`
}

// Parcel is one parcel at one lock, for one use.
type Parcel struct {
	ID        DutyID               `json:"id"`
	Holder    credential.PublicKey `json:"holder"`
	Lock      LockID               `json:"lock"`
	Reference Reference            `json:"reference"` // drawn at random
	Expires   credential.Time      `json:"expires"`   // at most an hour from now
	Action    Action               `json:"action"`
	Service   Service              `json:"service"`
	// Offline spares the device a network at the door; else it hands over a live time.
	Offline bool `json:"offline,omitempty"`
	// Starts is how often the one use may be started until it is confirmed, 1 to 3;
	// absent for once.
	Starts uint8 `json:"starts,omitempty"`
}

// Replacement gives a duty to a substitute.
type Replacement struct {
	Holder credential.PublicKey `json:"holder"`
}

// Loss says who gets the rounds of a lost device; nil for nobody.
type Loss struct {
	To *credential.PublicKey `json:"to,omitempty"`
}

// Lost tells what became of a lost device's duties.
type Lost struct {
	Given []Issued `json:"given"` // grants that another device got
	Left  []DutyID `json:"left"`  // duties that nobody has now
}

// Issued is a grant that was committed.
type Issued struct {
	ID     DutyID `json:"id"`
	Serial uint64 `json:"serial"`
	Tag    Tag    `json:"tag"`
	Grant  Bytes  `json:"grant"`
}

// Line is one line of the answer to POST /v1/duties: a grant, a problem with a
// line of the request, or as the last one the summary.
type Line struct {
	ID      *DutyID  `json:"id,omitempty"`
	Serial  uint64   `json:"serial,omitempty"`
	Tag     *Tag     `json:"tag,omitempty"`
	Grant   Bytes    `json:"grant,omitempty"`
	Line    int      `json:"line,omitempty"` // of the request, from 1
	Problem *Problem `json:"problem,omitempty"`
	Summary *Summary `json:"summary,omitempty"`
}

// Summary ends the answer to POST /v1/duties.
type Summary struct {
	Issued  int `json:"issued"`
	Refused int `json:"refused"`
}

// Boxes are 1 to 1024 boxes.
type Boxes struct {
	Boxes []Box `json:"boxes"`
}

// Box is a lock and its area code, 1 to 16 bytes.
type Box struct {
	Lock LockID `json:"lock"`
	Area Bytes  `json:"area"`
}
