package edhoc

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/internal/suite"
)

// forEachSuite runs a test with the fixture of each cipher suite.
func forEachSuite(t *testing.T, test func(t *testing.T, f fixture)) {
	for _, id := range suiteIDs {
		t.Run(fmt.Sprintf("suite %d", id), func(t *testing.T) { test(t, newFixture(t, id, "kid")) })
	}
}

func TestRunWithEveryFormOfIDCred(t *testing.T) {
	for _, suiteID := range suiteIDs {
		for formI := range idCredForms {
			for formR := range idCredForms {
				t.Run(fmt.Sprintf("suite %d, %s, %s", suiteID, formI, formR), func(t *testing.T) {
					f := fixture{suiteID, identity(t, suiteID, "initiator", formI), identity(t, suiteID, "responder", formR)}
					x := f.run(t)
					keyI, err := x.exporterI.Export(32768, []byte("context"), 58)
					require.NoError(t, err)
					keyR, err := x.exporterR.Export(32768, []byte("context"), 58)
					require.NoError(t, err)
					require.Equal(t, keyI, keyR)
				})
			}
		}
	}
}

func TestMessageLengths(t *testing.T) {
	// Figure 1 of RFC 9528 gives 37, 102 and 77 bytes for signature keys and a kid
	// of one byte.
	x := newFixture(t, 0, "kid of one byte, an integer").run(t)
	require.Len(t, x.message1, 37)
	require.Len(t, x.message2, 102)
	require.Len(t, x.message3, 77)
}

func TestRunsDifferInEveryKey(t *testing.T) {
	f := newFixture(t, 0, "kid")
	first := f.run(t)
	config := f.responder()
	config.Rand = stream("another")
	_, message2, err := Accept(first.message1, config)
	require.NoError(t, err)
	i2, err := first.initiator1().ReadMessage2(message2, knows(t, f.r))
	require.NoError(t, err)
	_, exporter, err := i2.WriteMessage3(f.i)
	require.NoError(t, err)
	require.NotEqual(t, first.exporterI.prk, exporter.prk)
}

func TestOperationsWithPublicKeys(t *testing.T) {
	want := map[int]suite.Meter{
		0: {X25519: 2, Ed25519Sign: 1, Ed25519Verify: 1},
		2: {P256DH: 2, P256Sign: 1, P256Verify: 1},
	}
	forEachSuite(t, func(t *testing.T, f fixture) {
		var meterI, meterR suite.Meter
		configI, configR := f.initiator(), f.responder()
		configI.Meter, configR.Meter = &meterI, &meterR
		i1, message1, err := Start(configI)
		require.NoError(t, err)
		r1, message2, err := Accept(message1, configR)
		require.NoError(t, err)
		i2, err := i1.ReadMessage2(message2, knows(t, f.r))
		require.NoError(t, err)
		message3, _, err := i2.WriteMessage3(f.i)
		require.NoError(t, err)
		_, err = r1.ReadMessage3(message3, knows(t, f.i))
		require.NoError(t, err)
		require.Equal(t, want[f.suiteID], meterI)
		require.Equal(t, want[f.suiteID], meterR)
	})
}

func TestCheapRefusalsCostNoOperation(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	for name, edit := range map[string]func(*message1){
		"method":        func(m *message1) { m.method = 3 },
		"suite":         func(m *message1) { m.suitesI = []int{2} },
		"key length":    func(m *message1) { m.gX = m.gX[1:] },
		"connection ID": func(m *message1) { m.cI = []byte("\x44long") },
	} {
		t.Run(name, func(t *testing.T) {
			m, err := parseMessage1(x.message1)
			require.NoError(t, err)
			edit(m)
			var meter suite.Meter
			config := f.responder()
			config.Meter = &meter
			_, _, err = Accept(m.encode(), config)
			require.Error(t, err)
			require.Zero(t, meter.Total())
		})
	}
}

func TestStagesAreUsedOnce(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		x := f.run(t)
		i1, r1, i2 := x.initiator1(), x.responder1(), x.initiator2()
		_, err := i1.ReadMessage2(x.message2, knows(t, f.r))
		require.NoError(t, err)
		_, err = i1.ReadMessage2(x.message2, knows(t, f.r))
		require.ErrorIs(t, err, ErrUsed)
		_, _, err = i2.WriteMessage3(f.i)
		require.NoError(t, err)
		message3, exporter, err := i2.WriteMessage3(f.i)
		require.ErrorIs(t, err, ErrUsed)
		require.Nil(t, message3)
		require.Nil(t, exporter)
		_, err = r1.ReadMessage3(x.message3, knows(t, f.i))
		require.NoError(t, err)
		_, err = r1.ReadMessage3(x.message3, knows(t, f.i))
		require.ErrorIs(t, err, ErrUsed)
	})
}

func TestStagesAreUsedUpByFailure(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	i1, r1, i2 := x.initiator1(), x.responder1(), x.initiator2()
	_, err := i1.ReadMessage2(nil, knows(t, f.r))
	require.ErrorIs(t, err, ErrMalformed)
	_, err = i1.ReadMessage2(x.message2, knows(t, f.r))
	require.ErrorIs(t, err, ErrUsed)
	_, _, err = i2.WriteMessage3(Local{})
	require.ErrorIs(t, err, ErrLocal)
	_, _, err = i2.WriteMessage3(f.i)
	require.ErrorIs(t, err, ErrUsed)
	_, err = r1.ReadMessage3(nil, knows(t, f.i))
	require.ErrorIs(t, err, ErrMalformed)
	_, err = r1.ReadMessage3(x.message3, knows(t, f.i))
	require.ErrorIs(t, err, ErrUsed)
}

func TestZeroStagesFailClosed(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	_, err := new(Initiator1).ReadMessage2(x.message2, knows(t, f.r))
	require.ErrorIs(t, err, ErrUsed)
	_, _, err = new(Initiator2).WriteMessage3(f.i)
	require.ErrorIs(t, err, ErrUsed)
	_, err = new(Responder1).ReadMessage3(x.message3, knows(t, f.i))
	require.ErrorIs(t, err, ErrUsed)
}

func TestStageIsUsedOnceByManyAtATime(t *testing.T) {
	f := newFixture(t, 2, "kid")
	x := f.run(t)
	i2 := x.initiator2()
	var group sync.WaitGroup
	failures := make([]error, 16)
	for n := range failures {
		group.Go(func() { _, _, failures[n] = i2.WriteMessage3(f.i) })
	}
	group.Wait()
	done := slices.IndexFunc(failures, func(err error) bool { return err == nil })
	require.NotEqual(t, -1, done)
	for n, err := range failures {
		if n != done {
			require.ErrorIs(t, err, ErrUsed)
		}
	}
}

// A signerFunc is a signer that returns what the function returns.
type signerFunc struct {
	public suite.PublicKey
	sign   func([]byte) ([]byte, error)
}

func (s signerFunc) PublicKey() suite.PublicKey          { return s.public }
func (s signerFunc) Sign(message []byte) ([]byte, error) { return s.sign(message) }

func TestUnusableLocal(t *testing.T) {
	forEachSuite(t, func(t *testing.T, f fixture) {
		other := 2 - f.suiteID
		x := f.run(t)
		for _, tt := range []struct {
			name, field string
			edit        func(*Local)
		}{
			{"no ID_CRED", "IDCred", func(l *Local) { l.IDCred = nil }},
			{"ID_CRED is no map", "IDCred", func(l *Local) { l.IDCred = []byte{0x40} }},
			{"ID_CRED is empty", "IDCred", func(l *Local) { l.IDCred = []byte{0xa0} }},
			{"ID_CRED and more", "IDCred", func(l *Local) { l.IDCred = append(slices.Clone(l.IDCred), 0) }},
			{"ID_CRED is not deterministic", "IDCred", func(l *Local) { l.IDCred = []byte{0xa2, 0x0d, 0, 0x04, 0} }},
			{"kid is an integer", "IDCred", func(l *Local) { l.IDCred = []byte{0xa1, 0x04, 0x00} }},
			{"no CRED", "Cred", func(l *Local) { l.Cred = nil }},
			{"CRED is two items", "Cred", func(l *Local) { l.Cred = []byte{0, 0} }},
			{"no signer", "Signer", func(l *Local) { l.Signer = nil }},
			{"signer of another suite", "Signer", func(l *Local) { l.Signer = signerOf(t, other, "other") }},
			{"signer fails", "Signer", func(l *Local) {
				l.Signer = signerFunc{l.Signer.PublicKey(), func([]byte) ([]byte, error) { return nil, errUnknown }}
			}},
			{"signature is short", "Signer", func(l *Local) {
				l.Signer = signerFunc{l.Signer.PublicKey(), func([]byte) ([]byte, error) { return make([]byte, 63), nil }}
			}},
			{"ID_CRED is too long", "IDCred", func(l *Local) { l.IDCred = kidHeader(make([]byte, maxMessage)) }},
		} {
			t.Run(tt.name, func(t *testing.T) {
				own := f.r
				tt.edit(&own)
				config := f.responder()
				config.Local = func(int) (Local, error) { return own, nil }
				_, _, err := Accept(x.message1, config)
				requireFault(t, err, ErrLocal, tt.field)

				own = f.i
				tt.edit(&own)
				message3, exporter, err := x.initiator2().WriteMessage3(own)
				requireFault(t, err, ErrLocal, tt.field)
				require.Nil(t, message3)
				require.Nil(t, exporter)
			})
		}
	})
}

func TestUnusableConfig(t *testing.T) {
	f := newFixture(t, 0, "kid")
	x := f.run(t)
	for name, suites := range map[string][]int{
		"none": nil, "unknown": {1}, "unknown among others": {0, 6}, "twice": {2, 0, 2},
	} {
		t.Run("suites "+name, func(t *testing.T) {
			configI, configR := f.initiator(), f.responder()
			configI.Suites, configR.Suites = suites, suites
			_, _, err := Start(configI)
			requireFault(t, err, ErrLocal, "Suites")
			_, _, err = Accept(x.message1, configR)
			requireFault(t, err, ErrLocal, "Suites")
		})
	}
	for name, rand := range map[string]*shortReader{"none": nil, "empty": {0}, "short": {31}} {
		t.Run("randomness "+name, func(t *testing.T) {
			configI, configR := f.initiator(), f.responder()
			configI.Rand, configR.Rand = nil, nil
			if rand != nil {
				configI.Rand, configR.Rand = rand, rand
			}
			_, _, err := Start(configI)
			requireFault(t, err, ErrLocal, "Rand")
			_, _, err = Accept(x.message1, configR)
			requireFault(t, err, ErrLocal, "Rand")
		})
	}
	t.Run("no own credential", func(t *testing.T) {
		config := f.responder()
		config.Local = nil
		_, _, err := Accept(x.message1, config)
		requireFault(t, err, ErrLocal, "Local")
		config.Local = func(int) (Local, error) { return Local{}, errUnknown }
		_, _, err = Accept(x.message1, config)
		requireFault(t, err, ErrLocal, "Local")
		require.ErrorIs(t, err, errUnknown)
	})
	t.Run("connection identifier too long", func(t *testing.T) {
		config := f.initiator()
		config.ConnectionID = make([]byte, maxMessage)
		_, _, err := Start(config)
		requireFault(t, err, ErrLocal, "ConnectionID")
	})
	t.Run("no resolver", func(t *testing.T) {
		_, err := x.initiator1().ReadMessage2(x.message2, nil)
		requireFault(t, err, ErrLocal, "Resolver")
		_, err = x.responder1().ReadMessage3(x.message3, nil)
		requireFault(t, err, ErrLocal, "Resolver")
	})
}

// A shortReader ends after n bytes.
type shortReader struct{ n int }

func (r *shortReader) Read(b []byte) (int, error) {
	n := min(len(b), r.n)
	r.n -= n
	if n == 0 {
		return 0, errUnknown
	}
	return n, nil
}
