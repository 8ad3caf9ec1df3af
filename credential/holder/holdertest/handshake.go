package holdertest

import (
	"bytes"
	"context"
	"slices"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/internal/exchangetest"
	"github.com/postern-lock/postern/internal/message"
	"github.com/postern-lock/postern/internal/wire"
)

// Proof is the answer to HANDSHAKE-1.
type Proof struct {
	Reply
	// Suites is SUITES_R of an EDHOC error message; nil where message_2 came.
	Suites []int
	// IDCred is ID_CRED_R, and Certificate CRED_R: what the lock brought, or the
	// Phone's where it named that.
	IDCred      []byte
	Certificate []byte
	Lock        *credential.UnverifiedLockCertificate // the certificate, read; nil where it does not read
}

// Handshake1 sends message_1 and reads message_2.  The phone goes on with a lock
// that does not prove itself, and Faults says so.
func (p *Phone) Handshake1(ctx context.Context) (*Proof, error) {
	if p.Selected == nil {
		return nil, errStep
	}
	signer, err := p.signer()
	if err != nil {
		return nil, err
	}
	suites := p.suites(signer)
	p.tap.Alter = p.Alter
	run, err := exchangetest.NewRun(&p.tap, suites[len(suites)-1], p.Rand)
	if err != nil {
		return nil, err
	}
	form, ne := byte(wire.CertificateFormValue), wire.LimitResponseBytes
	if p.Certificate != nil {
		form = wire.CertificateFormKid
	}
	if !p.Extended || !p.has(wire.CapabilityExtendedLength) {
		ne = maxShortNe
	}
	r, err := p.Send(ctx, command(wire.InsHandshake1, form, run.WriteMessage1(suites), ne))
	if err != nil {
		return nil, err
	}
	p.Proof = &Proof{Reply: *r}
	if r.Lost != nil || r.Refused() {
		return p.Proof, nil
	}
	if len(r.Data) > 0 && r.Data[0]>>5 <= 1 { // an integer begins an error message
		p.Proof.readError(p.has(wire.CapabilitySuite2), suites)
		return p.Proof, nil
	}
	p.run = run
	p.readMessage2(form)
	return p.Proof, nil
}

// readError reads an EDHOC error message: its two forms are those of section 6.9.
func (pr *Proof) readError(second bool, offered []int) {
	want, all := []byte{0x02, 0x00}, []int{wire.SuiteX25519Ed25519}
	if second {
		want, all = []byte{0x02, 0x82, 0x00, 0x02}, []int{wire.SuiteX25519Ed25519, wire.SuiteP256Es256}
	}
	if !bytes.Equal(pr.Data, want) {
		pr.fault("PST-EDH-028", "the error message is %X, that of this lock is %X", pr.Data, want)
	}
	pr.Suites = all
	if slices.IndexFunc(offered, func(s int) bool { return slices.Contains(all, s) }) == len(offered)-1 {
		pr.fault("PST-EDH-028", "an error message answers SUITES_I %v, whose last is the first that the lock has", offered)
	}
}

// readMessage2 reads message_2 and lets the lock prove itself.
func (p *Phone) readMessage2(form byte) {
	pr := p.Proof
	second, err := p.run.ReadMessage2(pr.Data)
	if err != nil {
		pr.fault("PST-EDH-021", "%v", err)
		p.run = nil
		return
	}
	pr.IDCred, pr.Certificate = second.IDCred, p.Certificate
	if len(second.ConnectionID) != 1 || second.ConnectionID[0]>>5 > 1 {
		pr.fault("PST-EDH-021", "C_R is %X, no integer from -24 to 23", second.ConnectionID)
	}
	if len(second.Rest) > 0 {
		pr.fault("PST-EDH-021", "%d items stand behind the signature", len(second.Rest))
	}
	id, err := message.ParseIDCred(second.IDCred)
	switch {
	case err != nil:
		pr.fault("PST-EDH-011", "%v", err)
	case (id.Header == wire.HeaderKid) != (form == wire.CertificateFormKid):
		pr.fault("PST-EDH-011", "P1 %02X is answered in the form %d", form, id.Header)
	}
	if id.Header == wire.HeaderKcwt {
		pr.Certificate = id.Value
	}
	p.identify(id)
	var key credential.PublicKey
	if pr.Lock != nil {
		key = pr.Lock.Claims.Key
	}
	if err := p.run.Verify2(second, pr.Certificate, key); err != nil {
		pr.fault("PST-EDH-021", "Signature_or_MAC_2: %v", err)
	}
}

// identify reads and judges the lock's certificate.
func (p *Phone) identify(id message.IDCred) {
	pr := p.Proof
	lock, err := credential.ParseLockCertificate(pr.Certificate)
	if err != nil {
		pr.fault("PST-EDH-011", "the lock's certificate does not read: %v", err)
		return
	}
	pr.Lock = lock
	kid := credential.KeyIDOf(lock.Claims.Key)
	switch {
	case id.Header == wire.HeaderKid && !bytes.Equal(id.Value, kid[:]):
		pr.fault("PST-EDH-011", "the key id is %X, that of the certificate's key is %s", id.Value, kid)
	case lock.Claims.ID != p.Selected.Lock:
		pr.fault("PST-APDU-008", "SELECT names lock %s, the certificate %s", p.Selected.Lock, lock.Claims.ID)
	case exchangetest.SuiteOf(lock.Claims.Key) != p.run.Suite:
		pr.fault("PST-EDH-011", "the certificate's key is of suite %d, suite %d is selected", exchangetest.SuiteOf(lock.Claims.Key), p.run.Suite)
	}
	if err := p.trust(lock); err != nil {
		pr.fault("PST-EDH-011", "the lock's certificate: %v", err)
	}
}

// trust verifies the lock's certificate under the makers, where there are roots.
func (p *Phone) trust(lock *credential.UnverifiedLockCertificate) (err error) {
	if len(p.Roots) == 0 {
		return nil
	}
	v := credential.Verifier{Roots: p.Roots}
	_, err = v.LockCertificate(lock, nil)
	for _, maker := range p.Makers {
		u, parseErr := credential.ParseAuthority(maker)
		if parseErr != nil || credential.KeyIDOf(u.Claims.Key) != lock.Signer() {
			continue
		}
		a, authorityErr := v.Authority(u)
		if err = authorityErr; err != nil {
			continue
		}
		if _, err = v.LockCertificate(lock, a); err == nil {
			return nil
		}
	}
	return err
}

// Complete composes message_3 and derives the channel, and sends nothing: after
// it [Phone.SetupProof] can be had for the first request.
func (p *Phone) Complete() error {
	if p.run == nil {
		return errStep
	}
	signer, err := p.signer()
	if err != nil {
		return err
	}
	p.tap.Alter = p.Alter
	if p.prefix, err = p.run.WriteMessage3(p.local(signer)); err != nil {
		return err
	}
	p.carrier = wire.InsHandshake2
	p.Channel, err = p.run.Channel(p.tap.Values[SelectHash], true)
	return err
}

// Handshake2 sends message_3 with the first request behind it.
func (p *Phone) Handshake2(ctx context.Context, r Request) (*Answer, error) {
	if p.carrier != wire.InsHandshake2 {
		if err := p.Complete(); err != nil {
			return nil, err
		}
	}
	return p.request(ctx, wire.InsHandshake2, r)
}
