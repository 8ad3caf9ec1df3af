package audit_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/audit"
	"github.com/postern-lock/postern/issuer/issuertest"
)

// certified returns a maker's certificate and one that it gave to the lock of the
// item, with claims that are altered.
func certified(t *testing.T, w *issuertest.World, id credential.LockID, key credential.PublicKey,
	alterMaker func(*credential.AuthorityClaims), alterLock func(*credential.LockClaims)) (maker, lock []byte) {
	c := credential.AuthorityClaims{
		Key: issuertest.Public(w.Key("maker 2")), IssuedAt: w.Now - 100*issuertest.Day, Expires: w.Now + issuertest.Day, Rights: credential.RightLock,
	}
	alterMaker(&c)
	authority := w.Certified(c)
	u, err := credential.NewLockCertificate(func() credential.LockClaims {
		c := credential.LockClaims{Key: key, IssuedAt: w.Now - issuertest.Day, ID: id}
		alterLock(&c)
		return c
	}(), authority.Key())
	require.NoError(t, err)
	signature, err := w.Key("maker 2").Sign(nil, u.ToBeSigned(), crypto0)
	require.NoError(t, err)
	lock, err = u.WithSignature(signature)
	require.NoError(t, err)
	return authority.Bytes(), lock
}

func TestRefusedReceipts(t *testing.T) {
	w := world()
	b, other := box(w, 1, 1), box(w, 2, 1)
	good := b.Receipt()
	same := func(*credential.AuthorityClaims) {}
	impostor := b.Twin()
	impostor.Key = w.Key("impostor")
	withCertificate := func(item audit.Item, certificates ...[]byte) audit.Item {
		item.Certificates = certificates
		return item
	}
	byMaker := func(alterMaker func(*credential.AuthorityClaims), alterLock func(*credential.LockClaims)) (audit.Config, audit.Item) {
		maker, lock := certified(t, w, b.ID, issuertest.Public(b.Key), alterMaker, alterLock)
		c := config(w)
		c.Makers = append(c.Makers, maker)
		return c, withCertificate(good, lock)
	}
	list, err := w.Scheme.Revoke(credential.RevocationClaims{
		IssuedAt: w.Now, Version: 1, Denied: []credential.Denial{{Tag: w.Maker.Authority().Tag(), Expires: w.Maker.Authority().Expires()}},
	})
	require.NoError(t, err)
	withdrawn := config(w)
	withdrawn.Lists = [][]byte{list}
	expired, ofExpired := byMaker(same, func(c *credential.LockClaims) { c.IssuedAt = w.Now + 2*issuertest.Day })
	wrongful, ofWrongful := byMaker(func(c *credential.AuthorityClaims) { c.Rights = credential.RightTime }, func(*credential.LockClaims) {})
	_, ofStranger := byMaker(same, func(*credential.LockClaims) {})
	claims := other.Claims()
	claims.Lock = b.ID

	for name, c := range map[string]struct {
		config audit.Config
		item   audit.Item
		where  audit.Where
		reason credential.Reason
		text   string
	}{
		"signed by another key with the key's id":           {config(w), withCertificate(forged(t, b, w), b.Certificate), audit.WhereItem, credential.ReasonSignature, "receipt: signature: key"},
		"signed by a key without certificate":               {config(w), impostor.Receipt(), audit.WhereCertificate, credential.ReasonIssuerUnknown, "receipt: kid: signed by key"},
		"of another lock":                                   {config(w), other.Sign(claims), audit.WhereItem, credential.ReasonLockIdentity, "receipt: lock id: is " + b.ID.String()},
		"with another lock's certificate":                   {config(w), withCertificate(good, other.Certificate), audit.WhereCertificate, credential.ReasonIssuerUnknown, "whose certificate is missing"},
		"without a certificate":                             {config(w), withCertificate(good), audit.WhereCertificate, credential.ReasonIssuerUnknown, "whose certificate is missing"},
		"with too many certificates":                        {config(w), withCertificate(good, b.Certificate, b.Certificate, b.Certificate), audit.WhereCertificate, credential.ReasonLimit, "3 certificates, at most 2"},
		"with a certificate that is none":                   {config(w), withCertificate(good, good.Object), audit.WhereCertificate, credential.ReasonObjectType, "lock certificate"},
		"of a lock certified after its maker's certificate": {expired, ofExpired, audit.WhereCertificate, credential.ReasonAuthorityExpired, "authority"},
		"of a lock certified by one who may not":            {wrongful, ofWrongful, audit.WhereCertificate, credential.ReasonAuthorityRight, "rights"},
		"of a maker whom nobody named":                      {config(w), ofStranger, audit.WhereMaker, credential.ReasonIssuerUnknown, "lock certificate: kid"},
		"of a maker that was withdrawn":                     {withdrawn, good, audit.WhereMaker, credential.ReasonDenied, "a scheme's list withdraws"},
		"that is a certificate":                             {config(w), audit.Item{Kind: audit.KindReceipt, Object: b.Certificate}, audit.WhereItem, credential.ReasonObjectType, "receipt"},
		"that is an entry":                                  {config(w), audit.Item{Kind: audit.KindEntry, Object: good.Object}, audit.WhereItem, credential.ReasonObjectType, "neither a receipt nor a page"},
		"of no kind":                                        {config(w), audit.Item{Object: good.Object}, audit.WhereItem, credential.ReasonObjectType, "neither a receipt nor a page"},
	} {
		t.Run(name, func(t *testing.T) {
			row := only(t, c.config, c.item)
			require.Equal(t, audit.Refused, row.Verdict)
			require.Equal(t, c.where, row.Where)
			require.Equal(t, c.reason, row.Reason)
			require.ErrorIs(t, row.Err, c.reason)
			require.ErrorContains(t, row.Err, c.text)
			require.Zero(t, row.Claims, "nobody vouches for them")
			s := summary([]audit.Row{row})
			require.Equal(t, uint64(1), s.Receipts[audit.Refused]+s.Others, "it is no entry")
		})
	}
}

// TestListOfAnotherSchemeSaysNothing of a maker that it did not certify: two schemes
// can be trusted, and the farewell of one denies all that it signed itself.
func TestListOfAnotherSchemeSaysNothing(t *testing.T) {
	w, other := world(), issuertest.New("another scheme")
	farewell, err := other.Scheme.Revoke(credential.RevocationClaims{IssuedAt: ^credential.Time(0), Version: ^uint32(0), Least: ^credential.Time(0)})
	require.NoError(t, err)
	c := config(w)
	c.Roots = append(c.Roots, other.Roots()...)
	c.Lists = [][]byte{farewell}
	require.Equal(t, audit.Verified, only(t, c, box(w, 1, 1).Receipt()).Verdict)
}

// forged returns a receipt that says that the box's key signed it.
func forged(t *testing.T, b interface {
	Claims() credential.ReceiptClaims
}, w *issuertest.World) audit.Item {
	u, err := credential.NewReceipt(b.Claims(), issuertest.Public(w.Key("box 1")))
	require.NoError(t, err)
	signature, err := w.Key("impostor").Sign(nil, u.ToBeSigned(), crypto0)
	require.NoError(t, err)
	object, err := u.WithSignature(signature)
	require.NoError(t, err)
	return audit.Item{Kind: audit.KindReceipt, Object: object}
}

// TestEveryAlterationIsRefused: each byte changed, each end cut, one more byte.
func TestEveryAlterationIsRefused(t *testing.T) {
	w := world()
	good := box(w, 1, 1).Receipt()
	var all []audit.Item
	add := func(object []byte) {
		all = append(all, audit.Item{Kind: audit.KindReceipt, Object: object, Certificates: good.Certificates})
	}
	for i := range good.Object {
		altered := bytes.Clone(good.Object)
		altered[i] ^= 1
		add(altered)
		add(good.Object[:i])
	}
	add(append(bytes.Clone(good.Object), 0))
	for _, row := range rows(t, config(w), all...) {
		require.Equal(t, audit.Refused, row.Verdict, "item %d", row.Item)
		require.Error(t, row.Err)
	}
}

// TestSpoiltPagesAreRefused and nothing in them is counted.
func TestSpoiltPagesAreRefused(t *testing.T) {
	w := world()
	good := box(w, 1, 3).Page(1, 3).Object
	for name, object := range map[string][]byte{
		"empty": nil, "truncated": good[:767], "extended": append(bytes.Clone(good), 0),
		"with padding": append(bytes.Clone(good[:767]), 1), "no CBOR": bytes.Repeat([]byte{0xff}, 768),
	} {
		t.Run(name, func(t *testing.T) {
			row := only(t, config(w), audit.Item{Kind: audit.KindPage, Object: object})
			require.Equal(t, audit.Refused, row.Verdict)
			require.Equal(t, audit.WhereItem, row.Where)
			require.Equal(t, credential.ReasonMalformed, row.Reason)
			s := summary([]audit.Row{row})
			require.Equal(t, uint64(1), s.Pages)
			require.Equal(t, uint64(1), s.Wrong())
		})
	}
}

// TestConfigThatCannotBeUsed is an error at once, and never an audit about less.
func TestConfigThatCannotBeUsed(t *testing.T) {
	w := world()
	for name, c := range map[string]struct {
		alter  func(*audit.Config)
		reason error
	}{
		"no root":                {func(c *audit.Config) { c.Roots = nil }, audit.ErrConfig},
		"a maker that is none":   {func(c *audit.Config) { c.Makers = append(c.Makers, nil) }, credential.ReasonMalformed},
		"a maker of nobody":      {func(c *audit.Config) { c.Roots = []credential.PublicKey{w.Owner.PublicKey()} }, credential.ReasonIssuerUnknown},
		"a list that is none":    {func(c *audit.Config) { c.Lists = w.Makers() }, credential.ReasonObjectType},
		"an operator's list":     {func(c *audit.Config) { c.Lists = [][]byte{w.RevocationList(1)} }, credential.ReasonIssuerUnknown},
		"a part that is none":    {func(c *audit.Config) { c.Part, c.Parts = 2, 2 }, audit.ErrConfig},
		"a number below zero":    {func(c *audit.Config) { c.Limit = -1 }, audit.ErrConfig},
		"the zero configuration": {func(c *audit.Config) { *c = audit.Config{} }, audit.ErrConfig},
	} {
		t.Run(name, func(t *testing.T) {
			config := config(w)
			c.alter(&config)
			_, err := audit.New(config)
			require.ErrorIs(t, err, audit.ErrConfig)
			require.ErrorIs(t, err, c.reason)
		})
	}
}

// TestRenewedMaker is tried with each of its certificates.
func TestRenewedMaker(t *testing.T) {
	w := world()
	b := box(w, 1, 1)
	renewed, err := w.Scheme.Certify(credential.AuthorityClaims{
		Key: w.Maker.PublicKey(), IssuedAt: w.Now, Expires: w.Now + 2000*issuertest.Day, Rights: credential.RightLock,
	})
	require.NoError(t, err)
	c := config(w)
	c.Makers = append([][]byte{renewed}, c.Makers...)
	require.Equal(t, audit.Verified, only(t, c, b.Receipt()).Verdict)
}
