package target

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
)

// TestSkeleton runs the shim that the protocol's page shows.
func TestSkeleton(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	page, err := os.ReadFile("../shim/README.md")
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(page), "```python\n")
	text, _, found := strings.Cut(text, "```")
	require.True(t, found)
	file := filepath.Join(t.TempDir(), "shim.py")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))

	d, err := Exec(t.Context(), shim.Options{Role: shim.RoleLock}, python, file)
	require.NoError(t, err)
	require.Equal(t, shim.Hello{
		Protocol: shim.Protocol, Role: shim.RoleLock, Product: "My lock", Version: "0.1", Verbs: []shim.Verb{shim.VerbPower, shim.VerbTransceive},
	}, d.Hello())
	_, err = shim.Call[shim.Nothing](t.Context(), d, shim.Power{On: true})
	require.NoError(t, err)
	a, err := shim.Call[shim.Answer](t.Context(), d, shim.Transceive{APDU: []byte{0, 0xA4, 4, 0}})
	require.NoError(t, err)
	require.Equal(t, "6d00", hex.EncodeToString(a.APDU))
	require.NoError(t, d.Close())
}
