package vectortest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/spec/vectors"
)

func readPass(t *testing.T) {
	area[vectors.PassParams, vectors.PassTest]{
		name:   "pass",
		check:  checkPass,
		common: (*vectors.PassTest).Common,
		flips:  200,
	}.run(t)
}

func checkPass(p vectors.PassParams, test vectors.PassTest) error {
	switch p.Kind {
	case "pass":
		pass, err := credential.ParsePass(test.Data)
		if err := verdict(test.Test, reasonName(err)); err != nil || test.Result == vectors.Invalid {
			return err
		}
		again, err := pass.Encode()
		return errors.Join(err, sameBytes(again, test.Data), sameObjects(pass.Chain, test.Chain),
			sameObjects(pass.Authorities, test.Authorities), sameObjects(pass.Documents, test.Documents))
	case "pass-link":
		pass, err := credential.ParsePassLink(test.Link)
		if err := verdict(test.Test, reasonName(err)); err != nil || test.Result == vectors.Invalid {
			return err
		}
		data, err := pass.Encode()
		link, linkErr := pass.Link()
		return errors.Join(err, linkErr, sameBytes(data, test.Data), sameBytes([]byte(link), []byte(test.Link)))
	case "request-link":
		key, err := credential.ParseRequestLink(test.Link)
		if err := verdict(test.Test, reasonName(err)); err != nil || test.Result == vectors.Invalid {
			return err
		}
		return errors.Join(sameBytes(credential.AppendClaimsSet(nil, key), test.Data), sameBytes([]byte(credential.RequestLink(key)), []byte(test.Link)))
	}
	return fmt.Errorf("%w: kind %q", errForm, p.Kind)
}

func sameBytes(got, want []byte) error {
	if !bytes.Equal(got, want) {
		return fmt.Errorf("made %x, not %x", got, want)
	}
	return nil
}

func sameObjects(got [][]byte, want []vectors.Hex) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d objects, not %d", len(got), len(want))
	}
	for i := range got {
		if err := sameBytes(got[i], want[i]); err != nil {
			return err
		}
	}
	return nil
}

func TestPassesKeepToTheirType(t *testing.T) {
	file, err := vectors.Open[vectors.PassParams, vectors.PassTest]("pass")
	require.NoError(t, err)
	check := typeCheck(t, map[string]string{"pass": "pass"})
	for _, g := range file.Groups {
		for _, test := range g.Tests {
			if g.Params.Kind == "pass" {
				check(g.Params.Kind, test.Test, test.Data)
			}
		}
	}
}
