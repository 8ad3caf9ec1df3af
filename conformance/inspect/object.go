package inspect

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec"
)

// parsers are the functions that read an object and return its claims, by name in
// the registry object-types.
var parsers = map[string]func([]byte) (signer credential.KeyID, claims any, err error){
	"authority": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseAuthority(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"lock-certificate": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseLockCertificate(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"grant": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseGrant(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"policy": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParsePolicy(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"revocation-list": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseRevocationList(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"time-token": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseTimeToken(b)
		return parsed(o, err, func() any { return o.Claims })
	},
	"receipt": func(b []byte) (credential.KeyID, any, error) {
		o, err := credential.ParseReceipt(b)
		return parsed(o, err, func() any { return o.Claims })
	},
}

// parsed takes an object apart.
func parsed(o interface{ Signer() credential.KeyID }, err error, claims func() any) (credential.KeyID, any, error) {
	if err != nil {
		return credential.KeyID{}, nil, err
	}
	return o.Signer(), claims(), nil
}

// Object decodes a signed object.
func Object(data []byte) (Finding, error) {
	typ, err := credential.TypeOf(data)
	if err != nil {
		return Finding{}, err
	}
	name := rowName("object-types", typ)
	f := Finding{Kind: fmt.Sprintf("%s, typ %d, %d bytes", name, typ, len(data))}
	f.cbor(data, 0, shapes["object"])
	parse, ok := parsers[name]
	if !ok {
		f.Kind = fmt.Sprintf("object of typ %d, %d bytes", typ, len(data))
		f.Faults = append(f.Faults, "this version has no such kind of object (registry object-types)")
		return f, nil
	}
	signer, claims, err := parse(data)
	if err != nil {
		f.Faults = append(f.Faults, err.Error())
	} else {
		f.Text += fmt.Sprintf("signed by the key %v; the signature was not verified\n%s", signer, fields(claims))
	}
	schema, err := spec.Schema()
	if err != nil {
		return Finding{}, err
	}
	if err := schema.Validate(name, data); err != nil {
		f.Faults = append(f.Faults, err.Error())
	}
	return f, nil
}

// fields tells the fields of claims, a line each.
func fields(claims any) string {
	var b strings.Builder
	v := reflect.ValueOf(claims)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.IsExported() && !v.Field(i).IsZero() {
			fmt.Fprintf(&b, "  %s: %+v\n", field.Name, v.Field(i).Interface())
		}
	}
	return b.String()
}
