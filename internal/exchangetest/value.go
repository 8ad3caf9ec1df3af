package exchangetest

import "bytes"

// Value names a value of the exchange, by RFC 9528 or by the chapters 5, 6 and 15.
type Value string

// The values that pass both sides, in the order in which they arise.  Each side
// alters what it makes itself; where both make the same value, the two differ
// then, and that is the fault.
const (
	SelectHash  Value = "SELECT hash"
	X           Value = "private key"        // ephemeral, of this side, 32 bytes
	GX          Value = "G_X"                // as the phone sends it
	GY          Value = "G_Y"                // as the lock sends it
	Message1    Value = "message_1"          // a sequence: METHOD, SUITES_I, G_X, C_I
	Message1In  Value = "message_1 hashed"   // as it goes into TH_2
	GXY         Value = "G_XY"               // shared secret
	TH2         Value = "TH_2"               //
	PRK         Value = "PRK_2e"             // with METHOD 0 PRK_3e2m and PRK_4e3m too
	CR          Value = "C_R"                // as it is signed and sent
	CredR       Value = "CRED_R"             // as it is hashed and signed
	IDCredR     Value = "ID_CRED_R"          // the map, as it is signed
	MAC2        Value = "MAC_2"              //
	Signed2     Value = "M_2"                // what is signed
	Signature2  Value = "Signature_or_MAC_2" //
	Plaintext2  Value = "PLAINTEXT_2"        // a sequence: C_R, ID_CRED_R or key id, Signature_or_MAC_2
	Plain2In    Value = "PLAINTEXT_2 hashed" // as it goes into TH_3
	Ciphertext2 Value = "CIPHERTEXT_2"       //
	Message2    Value = "message_2"          // or the EDHOC error message in its place
	TH3         Value = "TH_3"               //
	CredI       Value = "CRED_I"             // as it is hashed and signed
	IDCredI     Value = "ID_CRED_I"          // the map, as it is signed
	MAC3        Value = "MAC_3"              //
	Signed3     Value = "M_3"                // what is signed
	Signature3  Value = "Signature_or_MAC_3" //
	Plaintext3  Value = "PLAINTEXT_3"        // a sequence: ID_CRED_I, Signature_or_MAC_3
	Plain3In    Value = "PLAINTEXT_3 hashed" // as it goes into TH_4
	Ciphertext3 Value = "CIPHERTEXT_3"       //
	Message3    Value = "message_3"          //
	TH4         Value = "TH_4"               //
	PRKOut      Value = "PRK_out"            //
	PRKExporter Value = "PRK_exporter"       //
	ChannelKeys Value = "channel keys"       // keys and IVs, 58 bytes

	Selection      Value = "SELECT answer"   // data of the lock's answer to SELECT
	ResumeNonce    Value = "phone nonce"     // of RESUME, 8 bytes
	ResumeID       Value = "resumption id"   // of RESUME, 8 bytes
	Request        Value = "request"         // plaintext: a map
	SealedRequest  Value = "sealed request"  //
	Response       Value = "response"        // plaintext: a map
	SealedResponse Value = "sealed response" //
	Data           Value = "data"            // of the command that is sent, or of the answer that is given
)

// Alter are the alterations of a peer.  Each is given the value that an honest
// side has, and returns the one that goes on in its place.
type Alter map[Value]func([]byte) []byte

// Values holds the values that passed last, after their alteration.
type Values map[Value][]byte

// Tap lets values pass: it alters and keeps them.
type Tap struct {
	Alter  Alter
	Values Values
}

// Pass returns what goes on in the place of the value.
func (t *Tap) Pass(name Value, b []byte) []byte {
	b = bytes.Clone(b)
	if alter := t.Alter[name]; alter != nil {
		b = alter(b)
	}
	if t.Values == nil {
		t.Values = Values{}
	}
	t.Values[name] = bytes.Clone(b)
	return b
}
