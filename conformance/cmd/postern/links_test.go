package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/conformance/shim"
	"github.com/postern-lock/postern/conformance/target"
)

// port returns one at which nobody listens.
func port(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// ways are both directions of vpcd: the target, and what the other side is told.
func ways(t *testing.T) map[string]string {
	t.Helper()
	a, b := port(t), port(t)
	return map[string]string{
		fmt.Sprintf("vpcd-listen:%d", a):            fmt.Sprintf("--vpcd 127.0.0.1:%d", a),
		fmt.Sprintf("vpcd-connect:127.0.0.1:%d", b): fmt.Sprintf("--vpcd %d", b),
	}
}

// someLockCases need the field, all levels, silence and a phone that the lock reads.
var someLockCases = []string{"--case", "LOCK-SELECT-00*,LOCK-CHAIN-00*,LOCK-CUT-00*,LOCK-READER-00*"}

// TestLockOverVPCD runs the reference lock over both channels.
func TestLockOverVPCD(t *testing.T) {
	t.Setenv("POSTERN_TEST_SHIM", "tool")
	for where, flag := range ways(t) {
		control := "exec:" + os.Args[0] + " serve-lock " + flag
		exit, out, complaint := call(t, "", append([]string{"run", "--target", where, "--control", control}, someLockCases...)...)
		require.Equal(t, conforms, exit, "%s\n%s", out, complaint)
		require.Regexp(t, `Postern reference lock: .* \d\d PASS, \d+ SKIP\n`, out)
		exit, out, complaint = call(t, "", "doctor", "--target", where, "--control", control)
		require.Equal(t, conforms, exit, complaint)
		require.Regexp(t, `link: vpcd, card at 127.0.0.1:\d+, ATR 3B 80 80 01 01\n(?s:.*)level L2(?s:.*)answer 6982 after SELECT, and 6985 where(?s:.*)up to 2048 bytes pass`, out)
		require.NotContains(t, out, "BUT")
	}
}

// TestAppOverVPCD runs the reference phone, whose reader holds the suite's card.
func TestAppOverVPCD(t *testing.T) {
	t.Setenv("POSTERN_TEST_SHIM", "tool")
	for where, flag := range ways(t) {
		control := "exec:" + os.Args[0] + " serve-app " + flag
		exit, out, complaint := call(t, "", "run", "--role", "app", "--target", where, "--control", control, "--area", "SELECT,LINK,LIVE")
		require.Equal(t, conforms, exit, "%s\n%s", out, complaint)
		require.Regexp(t, `Postern reference phone: .* [1-9]\d PASS`, out)
		exit, out, complaint = call(t, "", "doctor", "--role", "app", "--target", where, "--control", control)
		require.Equal(t, conforms, exit, complaint)
		require.Regexp(t, `a first case, APP-.*: PASS after`, out)
	}
}

// TestDoctorOfOthers has a first case of an app and an issuer.
func TestDoctorOfOthers(t *testing.T) {
	t.Setenv("POSTERN_TEST_SHIM", "tool")
	for role, says := range map[string]string{"app": "level L1(?s:.*)APP-.*: PASS after", "issuer": "level L1(?s:.*)ISSUER-.*: PASS after"} {
		exit, out, complaint := call(t, "", "doctor", "--role", role, "--target", "exec:"+os.Args[0]+" serve-"+role)
		require.Equal(t, conforms, exit, complaint)
		require.Regexp(t, says, out)
	}
}

// TestControlThatIsNone blames the rig.
func TestControlThatIsNone(t *testing.T) {
	t.Setenv("POSTERN_TEST_SHIM", "tool")
	at := port(t)
	for control, says := range map[string]string{
		"serve-app":  "role app, where lock is wanted",
		"serve-lock": "nobody connected to 127.0.0.1:", // with no --vpcd
	} {
		for _, verb := range []string{"run", "doctor"} {
			exit, out, complaint := call(t, "", verb, "--target", fmt.Sprint("vpcd-listen:", at), "--control", "exec:"+os.Args[0]+" "+control, "--patience", "2s")
			require.Equal(t, rig, exit, "%s\n%s", out, complaint)
			require.Contains(t, complaint, says)
			if verb == "doctor" {
				require.Contains(t, out, "the rig is not fit.  Here the tool listens")
			}
		}
	}
	l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", at))
	require.NoError(t, err)
	defer l.Close()
	exit, _, complaint := call(t, "", "run", "--target", fmt.Sprint("vpcd-listen:", at))
	require.Equal(t, rig, exit)
	require.Contains(t, complaint, "does pcscd with its driver vpcd, or another run, use the port?")
}

// stubborn is a way to a lock that does not what it says.
type stubborn struct {
	shim.Device
	wakeful bool // the field does not go
	longest int  // command that passes
}

func (s *stubborn) Do(ctx context.Context, r shim.Request) (any, error) {
	switch r := r.(type) {
	case shim.Power:
		if s.wakeful && !r.On {
			return &shim.Nothing{}, nil
		}
	case shim.Transceive:
		if len(r.APDU) > s.longest {
			return &shim.Answer{Silent: true}, nil
		}
	}
	return s.Device.Do(ctx, r)
}

// TestDoctorFindsPoorRigs says of each what it would blame the lock for.
func TestDoctorFindsPoorRigs(t *testing.T) {
	for says, s := range map[string]*stubborn{
		"as if the lock kept its transaction":     {wakeful: true, longest: 2048},
		"up to 260 bytes pass\n    BUT: the lock": {longest: 261},
		"less than a short command can be long":   {longest: 64},
		"SELECT, so that nothing can be measured": {longest: 5},
	} {
		s.Device = target.NewLock(target.AllFeatures(), zeros{})
		var out bytes.Buffer
		err := examine(t.Context(), console{out: &out}, s, 0)
		require.Equal(t, rig, exit(console{err: &out}, "doctor", err))
		require.Contains(t, out.String(), says)
	}
}

// zeros is a poor random source that does for the doctor.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i) + 1
	}
	return len(p), nil
}

// TestCLockOverVPCD runs a lock in another language over both channels.
func TestCLockOverVPCD(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the C lock takes half a minute to build")
	}
	for _, needs := range []string{"make", "gcc"} {
		if _, err := exec.LookPath(needs); err != nil {
			t.Skip("the C lock cannot be built: ", err)
		}
	}
	if _, err := os.Stat("/usr/include/openssl/evp.h"); err != nil {
		t.Skip("the C lock cannot be built without libssl-dev: ", err)
	}
	folder := t.TempDir()
	out, err := exec.Command("make", "-C", filepath.Join("..", "..", "undertest", "clock"), "BUILD="+folder, "CFLAGS=-O0").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for where, flag := range ways(t) {
		exit, out, complaint := call(t, "", append([]string{"run", "--target", where, "--control", "exec:" + folder + "/clock " + flag}, someLockCases...)...)
		require.Equal(t, conforms, exit, "%s\n%s", out, complaint)
		require.Regexp(t, `Clock: .* \d\d PASS, \d+ SKIP\n`, out)
	}
}

// TestDoctorOfABeginning: a lock that knows nothing yet is no poor rig.
func TestDoctorOfABeginning(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, examine(t.Context(), console{out: &out}, unfinished{}, 0))
	require.Contains(t, out.String(), "SELECT is answered with 6D00")
	require.NotContains(t, out.String(), "BUT")
}

// unfinished is a lock that knows no command.
type unfinished struct{}

func (unfinished) Hello() shim.Hello {
	return shim.Hello{Protocol: shim.Protocol, Role: shim.RoleLock, Product: "First", Version: "0.1", Verbs: []shim.Verb{shim.VerbPower, shim.VerbTransceive}}
}

func (unfinished) Close() error { return nil }

func (unfinished) Do(_ context.Context, r shim.Request) (any, error) {
	if _, command := r.(shim.Transceive); command {
		return &shim.Answer{APDU: []byte{0x6D, 0x00}}, nil
	}
	return &shim.Nothing{}, nil
}
