package issuer

import (
	"crypto"
	"time"

	"github.com/postern-lock/postern/conformance/cases"
	"github.com/postern-lock/postern/conformance/world"
	"github.com/postern-lock/postern/credential"
)

// authorityKind is an authority certificate.
func authorityKind() kind {
	return kind{
		area: "AUTHORITY", name: "authority", appoint: asScheme, key: scheme,
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{
				"exp": t.World.Now + 80*world.Day, "iat": t.World.Now - 10*world.Day, "cnf": key(t, "operator"), "services": []int{1, 2}, "rights": 7, "longest": 86400,
			}
		},
		want: func(t *cases.T) []byte {
			return t.Made(t.World.Scheme.Certify(credential.AuthorityClaims{
				Key: t.World.Public("operator"), IssuedAt: t.World.Now - 10*world.Day, Expires: t.World.Now + 80*world.Day,
				Services: []credential.Service{1, 2}, Rights: 7, LongestGrant: 24 * time.Hour,
			}))
		},
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseAuthority(b)
			if err == nil {
				_, err = t.Issuer.Verifier().Authority(u)
			}
			return err
		},
	}
}

// authorities are the cases on authority certificates (section 4.6).
func authorities() []cases.Case {
	k := authorityKind()
	all := k.refuses(
		later(10, "exp is iat", "exp", "iat", 0, "PST-OBJ-026#1"),
		later(11, "exp is before iat", "exp", "iat", -5, "PST-OBJ-026#1"),
		sets(12, "the services are not in order", "services", []int{2, 1}, "PST-OBJ-026#2"),
		sets(13, "a service occurs twice", "services", []int{1, 1}, "PST-OBJ-026#2"),
		sets(14, "a service is 0", "services", []int{0, 1}, "PST-OBJ-026#2"),
		sets(15, "there are no services beside the right to issue", "services", []int{}, "PST-OBJ-026#3"),
		sets(16, "there are services without the right to issue", "rights", 2, "PST-OBJ-026#3", "PST-OBJ-026#4"),
		sets(17, "longest is 0 beside the right to issue", "longest", 0, "PST-OBJ-026#4"),
		sets(18, "there are no rights", "rights", 0, "PST-OBJ-026#5"),
		sets(19, "a right is in no registry", "rights", 7+1<<20, "PST-OBJ-026#6", "PST-REG-004"),
		wish{26, "there are no rights, and nothing beside them", []string{"PST-OBJ-026#5"}, func(_ *cases.T, c cases.Wish) {
			c["rights"], c["services"], c["longest"] = 0, []int{}, 0
		}},
		sets(20, "exp is 2^32", "exp", int64(1)<<32, "PST-OBJ-001#8"),
		sets(21, "there are nine services", "services", []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, "PST-OBJ-001#7"),
		lacks(22, "cnf", "PST-OBJ-001#7"), lacks(23, "exp", "PST-OBJ-001#7"),
		sets(24, "the key is of small order", "cnf", smallOrder(), "PST-OBJ-001#7"),
		sets(25, "the key belongs to no point", "cnf", offCurve(), "PST-OBJ-001#7"),
	)
	return append(all, k.signs("PST-OBJ-026"))
}

// lockKind is a lock certificate.
func lockKind() kind {
	return kind{
		area: "LOCK", name: "lock-certificate",
		appoint: func(t *cases.T) { t.Issuer.Appoint(t.World.Key("maker"), t.World.Maker.Authority().Bytes()) },
		key:     func(t *cases.T) crypto.Signer { return t.World.Key("maker") },
		claims: func(t *cases.T) cases.Wish {
			return cases.Wish{"iat": t.World.Now - 50*world.Day, "cnf": key(t, "lock"), "lock": hex(t.World.Lock[:]), "profile": 0, "level": 0}
		},
		want: func(t *cases.T) []byte {
			return t.Made(t.World.Maker.Certify(credential.LockClaims{Key: t.World.Public("lock"), IssuedAt: t.World.Now - 50*world.Day, ID: t.World.Lock}))
		},
		judge: func(t *cases.T, b []byte) error {
			u, err := credential.ParseLockCertificate(b)
			if err == nil {
				_, err = t.Issuer.Verifier().LockCertificate(u, t.World.Maker.Authority())
			}
			return err
		},
	}
}

// locks are the cases on lock certificates (section 4.7).
func locks() []cases.Case {
	k := lockKind()
	// Of certificates and tokens only the form binds an issuer in its requirements.
	form := "PST-OBJ-001#7"
	all := k.refuses(
		sets(10, "the lock id has 7 bytes", "lock", "01020304050607", form),
		sets(11, "the lock id has 9 bytes", "lock", "010203040506070809", form),
		lacks(12, "cnf", form), lacks(13, "lock", form),
		sets(14, "the key is of small order", "cnf", smallOrder(), form),
		sets(15, "the certificate is to end", "exp", 1900000000, form),
		sets(16, "the profile is 2^32", "profile", int64(1)<<32, "PST-OBJ-001#8"),
		sets(17, "iat is 2^32", "iat", int64(1)<<32, "PST-OBJ-001#8"),
	)
	return append(all, k.signs())
}
