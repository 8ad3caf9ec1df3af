package lock_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/credential/holder"
	"github.com/postern-lock/postern/internal/worldtest"
	"github.com/postern-lock/postern/issuer"
)

// certified has the scheme certify the named operator, with the post's claims
// altered.
func certified(t testing.TB, w *worldtest.World, name string, alter func(*credential.AuthorityClaims)) *credential.Authority {
	t.Helper()
	c := w.PostClaims()
	c.Key = worldtest.Public(t, name)
	alter(&c)
	return w.Authority(t, c)
}

func asThePost(*credential.AuthorityClaims) {}

// listBy has the named key sign a list, past package issuer.
func listBy(t testing.TB, w *worldtest.World, name string, version uint32, alter func(*credential.RevocationClaims)) []byte {
	t.Helper()
	c := credential.RevocationClaims{IssuedAt: w.Now, Version: version}
	alter(&c)
	u, err := credential.NewRevocationList(c, worldtest.Public(t, name))
	return signed(t, name, u, err)
}

func denying(tags ...credential.Tag) func(*credential.RevocationClaims) {
	return func(c *credential.RevocationClaims) {
		slices.SortFunc(tags, func(a, b credential.Tag) int { return bytes.Compare(a[:], b[:]) })
		for _, tag := range tags {
			c.Denied = append(c.Denied, credential.Denial{Tag: tag, Expires: c.IssuedAt + worldtest.Day})
		}
	}
}

func since(least credential.Time) func(*credential.RevocationClaims) {
	return func(c *credential.RevocationClaims) { c.Least = least }
}

// postmen are three who came today, one of them by a grant that was passed on.
func postmen(t testing.TB, w *worldtest.World) map[string]*holder.Phone {
	t.Helper()
	first, second := w.PostmanPhone(t), postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt += 60 })
	root := postman(t, w, func(c *credential.GrantClaims) { c.Scope[0].Delegation, c.IssuedAt = 1, c.IssuedAt+30 })
	key, err := holder.NewKey(worldtest.Key("postman"))
	require.NoError(t, err)
	c := w.RoundClaims()
	c.Holder, c.IssuedAt = worldtest.Public(t, "helper"), c.IssuedAt+90
	leaf, err := holder.Delegate(key, [][]byte{root.Grant}, c)
	require.NoError(t, err)
	helper := w.Phone(t, "helper", leaf)
	helper.Parents = [][]byte{root.Grant}
	return map[string]*holder.Phone{"first": first, "second": second, "helper": helper}
}

// TestWhomAnOperatorsListDenies goes by the tag of any link, and by the time of
// issue.  A list of somebody else denies nothing.
func TestWhomAnOperatorsListDenies(t *testing.T) {
	w := worldtest.New(t)
	phones := postmen(t, w)
	root, err := credential.ParseGrant(phones["helper"].Parents[0])
	require.NoError(t, err)
	others := certified(t, w, "other post", asThePost)
	for name, c := range map[string]struct {
		signer string
		alter  func(*credential.RevocationClaims)
		denied []string
	}{
		"nobody":                    {"post", denying(), nil},
		"one by the tag":            {"post", denying(tagOf(t, phones["first"])), []string{"first"}},
		"a helper by his tag":       {"post", denying(tagOf(t, phones["helper"])), []string{"helper"}},
		"a helper by his parent's":  {"post", denying(root.Tag()), []string{"helper"}},
		"issued before a time":      {"post", since(w.Now), nil},
		"issued a minute before":    {"post", func(c *credential.RevocationClaims) { c.IssuedAt += 60; c.Least = w.Now + 60 }, []string{"first", "helper"}},
		"by a list of another post": {"other post", denying(tagOf(t, phones["first"]), tagOf(t, phones["second"])), nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			carrier := bringing(w.OwnerPhone(t), listBy(t, w, c.signer, 1, c.alter))
			carrier.Authorities = append(carrier.Authorities, others.Bytes())
			r, err := carrier.Status(t.Context(), w.Link())
			require.NoError(t, err)
			require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
			for who, p := range phones {
				r, err := tap(t, w, p, credential.OperationDeliver)
				state, stateErr := tap(t, w, p, credential.OperationStatus)
				if slices.Contains(c.denied, who) {
					requireRefused(t, credential.ReasonDenied, r, err)
					requireRefused(t, credential.ReasonDenied, state, stateErr)
					continue
				}
				requireOpened(t, r, err)
			}
			r, err = tap(t, w, w.NeighbourPhone(t), credential.OperationOpen)
			requireOpened(t, r, err)
		})
	}
}

// TestDeniedVisitorBringsHisOwnEnd and cannot leave it behind the second time,
// resumed or not.
func TestDeniedVisitorBringsHisOwnEnd(t *testing.T) {
	w := worldtest.New(t)
	p := resuming(w.PostmanPhone(t))
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	r, err = tap(t, w, bringing(p, w.RevocationList(t, 1, tagOf(t, p))), credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
	r, err = tap(t, w, bringing(p), credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
	require.Equal(t, 1, w.Bolt.Driven)
}

// TestVersionsOfAList must rise; the newer one stands alone.
func TestVersionsOfAList(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	hand := func(list []byte, want credential.Reason) {
		t.Helper()
		written := w.Flash.Programmed
		r := w.Hand(t, list)
		require.Equal(t, []credential.Reason{want}, fates(r))
		require.Equal(t, want == credential.ReasonNone, w.Flash.Programmed > written)
	}
	denied := w.RevocationList(t, 5, tagOf(t, p))
	hand(denied, credential.ReasonNone)
	for _, version := range []uint32{1, 4, 5} {
		hand(w.RevocationList(t, version), credential.ReasonSuperseded)
	}
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
	hand(w.RevocationList(t, 6), credential.ReasonNone)
	hand(denied, credential.ReasonSuperseded)
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
}

// TestSchemesListKillsACertificate that the lock holds, and one that comes.  Its
// grants move no floor, and its lists and times are not taken.
func TestSchemesListKillsACertificate(t *testing.T) {
	for name, alter := range map[string]func(*worldtest.World) func(*credential.RevocationClaims){
		"by its tag": func(w *worldtest.World) func(*credential.RevocationClaims) { return denying(w.Post.Authority().Tag()) },
		"by its time": func(w *worldtest.World) func(*credential.RevocationClaims) {
			return since(w.Post.Authority().IssuedAt() + 1)
		},
	} {
		for _, held := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, held %v", name, held), func(t *testing.T) {
				w := worldtest.New(t)
				if held {
					r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
					requireOpened(t, r, err)
				}
				r := w.Hand(t, listBy(t, w, "scheme", 1, alter(w)))
				require.Equal(t, []credential.Reason{credential.ReasonNone}, fates(r))
				floor, written := w.Lock.Floor(), w.Flash.Programmed
				later := postman(t, w, func(c *credential.GrantClaims) { c.IssuedAt += 3600 })
				r, err := tap(t, w, later, credential.OperationDeliver)
				requireRefused(t, credential.ReasonDenied, r, err)

				v := bringing(w.NeighbourPhone(t), w.RevocationList(t, 9), w.StatedTime(t, w.Now+7200))
				v.Live = livePost(t, w, v, 9).Live
				r, err = tap(t, w, v, credential.OperationOpen)
				requireOpened(t, r, err)
				require.Equal(t, []credential.Reason{credential.ReasonDenied, credential.ReasonDenied}, fates(r))
				require.Equal(t, floor, w.Lock.Floor())
				require.Positive(t, w.Flash.Programmed-written, "the opening alone")
			})
		}
	}
}

// TestSchemesListKeepsToItsOwnCertificates: another root's is another matter, and
// the tag of a grant in it denies nothing.
func TestSchemesListKeepsToItsOwnCertificates(t *testing.T) {
	w := worldtest.New(t)
	b := anchored(t, w, 2)
	p := w.PostmanPhone(t)
	r := w.Hand(t, listBy(t, w, "building", 1, denying(w.Post.Authority().Tag())), listBy(t, w, "scheme", 1, denying(tagOf(t, p), b.certificate.Tag())))
	require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonNone}, fates(r))
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	r, err = tap(t, w, b.caretaker(t, w), credential.OperationOpen)
	requireOpened(t, r, err)
}

// TestListsThatAreRefused are handed over by the owner, with the certificate of
// whoever signed them.
func TestListsThatAreRefused(t *testing.T) {
	const day = worldtest.Day
	for name, c := range map[string]struct {
		authority func(*credential.AuthorityClaims)
		signer    string
		list      func(*credential.RevocationClaims)
		want      credential.Reason
	}{
		"without the right": {func(c *credential.AuthorityClaims) { c.Rights = credential.RightIssue | credential.RightTime },
			"other post", denying(), credential.ReasonAuthorityRight},
		"before the certificate": {func(c *credential.AuthorityClaims) { c.IssuedAt += 10*day + 1 }, "other post", denying(), credential.ReasonAuthorityExpired},
		"after the certificate": {asThePost, "other post", func(c *credential.RevocationClaims) { c.IssuedAt += 81 * day },
			credential.ReasonAuthorityExpired},
		"when the certificate is over": {func(c *credential.AuthorityClaims) { c.IssuedAt, c.Expires = c.IssuedAt-90*day, c.IssuedAt-30*day },
			"other post", func(c *credential.RevocationClaims) { c.IssuedAt -= 60 * day }, credential.ReasonAuthorityExpired},
		"by nobody": {asThePost, "stranger", denying(), credential.ReasonIssuerUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := worldtest.New(t)
			p := w.OwnerPhone(t)
			p.Authorities = [][]byte{certified(t, w, "other post", c.authority).Bytes()}
			p.Documents = [][]byte{listBy(t, w, c.signer, 1, c.list)}
			r, err := p.Status(t.Context(), w.Link())
			require.NoError(t, err)
			require.Equal(t, []credential.Reason{c.want}, fates(r))
			require.Zero(t, w.Flash.Programmed)
		})
	}
}

// TestForgedListsAreRefused though their signers are known.
func TestForgedListsAreRefused(t *testing.T) {
	for _, name := range []string{"post", "scheme"} {
		w := worldtest.New(t)
		u, err := credential.NewRevocationList(credential.RevocationClaims{IssuedAt: w.Now, Version: 1}, worldtest.Public(t, name))
		r := w.Hand(t, signed(t, "thief", u, err))
		require.Equal(t, []credential.Reason{credential.ReasonSignature}, fates(r))
		require.Zero(t, w.Flash.Programmed)
	}
}

// bystander returns a phone that hands over the list of an operator, with its
// certificate.
func bystander(t testing.TB, w *worldtest.World, name string, a *credential.Authority, version uint32) *holder.Phone {
	t.Helper()
	p := bringing(w.OwnerPhone(t), listBy(t, w, name, version, denying()))
	p.Authorities = [][]byte{a.Bytes()}
	return p
}

// requireTaken hands documents over and requires what becomes of the first.
func requireTaken(t testing.TB, w *worldtest.World, p *holder.Phone, want credential.Reason) {
	t.Helper()
	r, err := tap(t, w, p, credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, want, fates(r)[0])
}

// TestFifthSigner finds the table full, until the certificate of one of the
// others is over.  A newer list of one of the four has its place.
func TestFifthSigner(t *testing.T) {
	w := worldtest.New(t)
	short := func(c *credential.AuthorityClaims) { c.Expires = w.Now + 5*worldtest.Day }
	for i := range 4 {
		name := fmt.Sprint("operator ", i)
		alter := asThePost
		if i == 2 {
			alter = short
		}
		requireTaken(t, w, bystander(t, w, name, certified(t, w, name, alter), 1), credential.ReasonNone)
	}
	fifth := bystander(t, w, "fifth", certified(t, w, "fifth", asThePost), 1)
	written := w.Flash.Programmed
	requireTaken(t, w, fifth, credential.ReasonTableFull)
	require.Equal(t, written, w.Flash.Programmed)
	requireTaken(t, w, bystander(t, w, "operator 3", certified(t, w, "operator 3", asThePost), 2), credential.ReasonNone)

	w.Hand(t, w.StatedTime(t, w.Now+5*worldtest.Day-600))
	requireTaken(t, w, fifth, credential.ReasonTableFull)
	w.Hand(t, w.StatedTime(t, w.Now+5*worldtest.Day))
	requireTaken(t, w, fifth, credential.ReasonNone)
	requireTaken(t, w, bystander(t, w, "sixth", certified(t, w, "sixth", asThePost), 1), credential.ReasonTableFull)
	for _, i := range []int{0, 1, 3} {
		name := fmt.Sprint("operator ", i)
		requireTaken(t, w, bystander(t, w, name, certified(t, w, name, asThePost), 1), credential.ReasonSuperseded)
	}
}

// TestSchemesListHasAPlaceOfItsOwn however many operators' lists there are.
func TestSchemesListHasAPlaceOfItsOwn(t *testing.T) {
	w := worldtest.New(t)
	for i := range 4 {
		name := fmt.Sprint("operator ", i)
		requireTaken(t, w, bystander(t, w, name, certified(t, w, name, asThePost), 1), credential.ReasonNone)
	}
	requireTaken(t, w, bringing(w.OwnerPhone(t), listBy(t, w, "scheme", 1, denying(w.Post.Authority().Tag()))), credential.ReasonNone)
	r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
}

// TestListOfAFormerAnchorGivesWay where there is no other place.
func TestListOfAFormerAnchorGivesWay(t *testing.T) {
	w := worldtest.New(t)
	anchored(t, w, 2)
	r := w.Hand(t, listBy(t, w, "building", 1, denying()), listBy(t, w, "scheme", 1, denying()), w.RevocationList(t, 1))
	require.Equal(t, make([]credential.Reason, 3), fates(r))
	for _, name := range []string{"other post", "third post"} {
		requireTaken(t, w, bystander(t, w, name, certified(t, w, name, asThePost), 1), credential.ReasonNone)
	}
	fifth := bystander(t, w, "fifth", certified(t, w, "fifth", asThePost), 1)
	requireTaken(t, w, fifth, credential.ReasonTableFull)
	w.Hand(t, w.Policy(t, func(c *credential.PolicyClaims) { c.Version = 3 }))
	requireTaken(t, w, fifth, credential.ReasonNone)
	requireTaken(t, w, bringing(w.OwnerPhone(t), listBy(t, w, "scheme", 1, denying())), credential.ReasonSuperseded)
}

// TestListOfAnExpiredSignerStaysWhereThereIsRoom, since a reset of the floor makes
// the certificate good again.
func TestListOfAnExpiredSignerStaysWhereThereIsRoom(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	w.Hand(t, w.RevocationList(t, 1, tagOf(t, p)))
	other := certified(t, w, "other post", func(c *credential.AuthorityClaims) { c.Expires = w.Now + 900*worldtest.Day })
	late, err := issuer.NewTimeSource(worldtest.Key("other post"), other)
	require.NoError(t, err)
	token, err := late.State(w.Now+100*worldtest.Day, 0)
	require.NoError(t, err)
	carrier := bringing(w.OwnerPhone(t), token, listBy(t, w, "other post", 1, func(c *credential.RevocationClaims) { c.IssuedAt += 100 * worldtest.Day }))
	carrier.Authorities = [][]byte{other.Bytes()}
	r, err := tap(t, w, carrier, credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, make([]credential.Reason, 2), fates(r))

	w.Hand(t, second(t, w, func(c *credential.PolicyClaims) { c.IssuedAt, c.Reset = w.Now, true }))
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
}

// TestRenewedCertificateOfADeniedOne signs lists and times again, though the lock
// still holds the one that was denied.
func TestRenewedCertificateOfADeniedOne(t *testing.T) {
	w := worldtest.New(t)
	r, err := tap(t, w, w.PostmanPhone(t), credential.OperationDeliver) // the lock holds it
	requireOpened(t, r, err)
	list, token := w.RevocationList(t, 1), w.StatedTime(t, w.Now)
	renewed := certified(t, w, "post", func(c *credential.AuthorityClaims) { c.IssuedAt++ })
	w.Hand(t, listBy(t, w, "scheme", 1, denying(w.Post.Authority().Tag())))
	p := bringing(w.OwnerPhone(t), list, token)
	p.Authorities = nil
	r, err = tap(t, w, p, credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, []credential.Reason{credential.ReasonIssuerUnknown, credential.ReasonIssuerUnknown}, fates(r))
	p.Authorities = [][]byte{renewed.Bytes()}
	r, err = tap(t, w, p, credential.OperationStatus)
	require.NoError(t, err)
	require.Equal(t, []credential.Reason{credential.ReasonNone, credential.ReasonNone}, fates(r))
}

// TestRenewedCertificateOpens though the lock holds the one that was denied: the
// phone is asked for it, and brings it.
func TestRenewedCertificateOpens(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	w.Hand(t, listBy(t, w, "scheme", 1, denying(w.Post.Authority().Tag())))
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonDenied, r, err)
	p.Authorities = [][]byte{certified(t, w, "post", func(c *credential.AuthorityClaims) { c.IssuedAt++ }).Bytes()}
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	require.Equal(t, 4, r.Cost.Pairs)
}

// TestListThatIsWithheld shows what remains: who brings no list opens by a denied
// grant, until it ends.
func TestListThatIsWithheld(t *testing.T) {
	w := worldtest.New(t)
	p := w.PostmanPhone(t)
	withheld := w.RevocationList(t, 1, tagOf(t, p))
	for range 3 {
		r, err := tap(t, w, p, credential.OperationDeliver)
		requireOpened(t, r, err)
	}
	w.Hand(t, w.StatedTime(t, w.Now+worldtest.Day/2-600))
	r, err := tap(t, w, p, credential.OperationDeliver)
	requireOpened(t, r, err)
	w.Hand(t, w.StatedTime(t, w.Now+worldtest.Day/2))
	r, err = tap(t, w, p, credential.OperationDeliver)
	requireRefused(t, credential.ReasonExpired, r, err)
	w.Hand(t, withheld) // late, and no harm
}
