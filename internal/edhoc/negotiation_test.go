package edhoc

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNegotiate(t *testing.T) {
	for _, tt := range []struct {
		name               string
		suitesI, supported []int
		selected           int
		message            string // the error message, or "" if selected
	}{
		{"one suite", []int{0}, []int{0}, 0, ""},
		{"one suite of two supported", []int{2}, []int{0, 2}, 2, ""},
		{"the other one", []int{0}, []int{0, 2}, 0, ""},
		{"after one that is not supported", []int{6, 2}, []int{2}, 2, ""},
		{"after one of the profile", []int{0, 2}, []int{2}, 2, ""},
		{"not supported", []int{6}, []int{2}, 0, "0202"},
		{"not supported, two in answer", []int{6}, []int{2, 0}, 0, "02820200"},
		{"nothing in common", []int{5, 6, 7}, []int{0}, 0, "0200"},
		{"a preferred one is supported", []int{2, 0}, []int{0, 2}, 0, "02820002"},
		{"a preferred one is supported, the selected one is not", []int{5, 2, 6}, []int{0, 2}, 0, "02820002"},
		{"RFC 9528, section 6.3.2, example 1, first", []int{5}, []int{6}, 0, "0206"},
		{"RFC 9528, section 6.3.2, example 1, second", []int{5, 6}, []int{6}, 6, ""},
		{"RFC 9528, section 6.3.2, example 2, first", []int{5, 6}, []int{9, 8}, 0, "02820908"},
		{"RFC 9528, section 6.3.2, example 2, second", []int{5, 6, 7, 8}, []int{9, 8}, 8, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			selected, err := negotiate(tt.suitesI, tt.supported)
			if tt.message == "" {
				require.NoError(t, err)
				require.Equal(t, tt.selected, selected)
				return
			}
			requireFault(t, err, ErrSuite, "SUITES_I")
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, fromHex(t, tt.message), e.ErrorMessage())
		})
	}
}

func TestSelectSuites(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		preferred, suitesR, want []int
	}{
		{"most preferred", []int{0, 2}, []int{0}, []int{0}},
		{"less preferred", []int{0, 2}, []int{2}, []int{0, 2}},
		{"order of SUITES_R has no meaning", []int{0, 2}, []int{2, 0}, []int{0}},
		{"other preference", []int{2, 0}, []int{0, 6}, []int{2, 0}},
		{"nothing in common", []int{0, 2}, []int{6, 24}, nil},
		{"no suites", []int{0, 2}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := SelectSuites(tt.preferred, tt.suitesR)
			require.Equal(t, tt.want, got)
			if tt.want == nil {
				requireFault(t, err, ErrSuite, "SUITES_R")
			} else {
				require.NoError(t, err)
			}
		})
	}
	_, err := SelectSuites(nil, []int{0})
	requireFault(t, err, ErrLocal, "Suites")
}

// TestNegotiation goes the whole way: refused, told why, and begun again.
func TestNegotiation(t *testing.T) {
	preferred := []int{0, 2}
	f := newFixture(t, 2, "kid")
	config := f.initiator()
	config.Suites = preferred[:1]
	i1, message1, err := Start(config)
	require.NoError(t, err)
	r1, message2, err := Accept(message1, f.responder())
	requireFault(t, err, ErrSuite, "SUITES_I")
	require.Nil(t, r1)
	require.Nil(t, message2)
	var refusal *Error
	require.ErrorAs(t, err, &refusal)

	_, err = i1.ReadMessage2(refusal.ErrorMessage(), knows(t, f.r))
	require.ErrorIs(t, err, ErrPeer)
	var peer *PeerError
	require.ErrorAs(t, err, &peer)
	require.Equal(t, &PeerError{Code: CodeWrongSuite, Suites: []int{2}}, peer)

	config.Suites, err = SelectSuites(preferred, peer.Suites)
	require.NoError(t, err)
	config.Rand = stream("again")
	i1, message1, err = Start(config)
	require.NoError(t, err)
	r1, message2, err = Accept(message1, f.responder())
	require.NoError(t, err)
	i2, err := i1.ReadMessage2(message2, knows(t, f.r))
	require.NoError(t, err)
	message3, _, err := i2.WriteMessage3(f.i)
	require.NoError(t, err)
	_, err = r1.ReadMessage3(message3, knows(t, f.i))
	require.NoError(t, err)
}

// TestDowngrade is somebody on the path who forges the error message. The
// responder sees from SUITES_I that a better suite was possible.
func TestDowngrade(t *testing.T) {
	f := newFixture(t, 2, "kid")
	config := f.initiator()
	var err error
	config.Suites, err = SelectSuites([]int{0, 2}, []int{2})
	require.NoError(t, err)
	_, message1, err := Start(config)
	require.NoError(t, err)
	responder := f.responder()
	responder.Suites = []int{2, 0}
	_, _, err = Accept(message1, responder)
	requireFault(t, err, ErrSuite, "SUITES_I")

	// Nor does it help to take the better suite out of message_1: TH_2 covers it.
	i1, message1, err := Start(config)
	require.NoError(t, err)
	m, err := parseMessage1(message1)
	require.NoError(t, err)
	m.suitesI = []int{2}
	_, message2, err := Accept(m.encode(), responder)
	require.NoError(t, err)
	_, err = i1.ReadMessage2(message2, knows(t, f.r))
	require.Error(t, err)
}

func TestOnlyWrongSuiteHasAnErrorMessage(t *testing.T) {
	for _, tt := range invalidMessage1 {
		_, err := acceptAnySuite(t, message1OfMethod(t, tt.message, "00"))
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, tt.kind == ErrSuite, e.ErrorMessage() != nil, tt.name)
	}
}

func TestErrorMessages(t *testing.T) {
	for _, tt := range []struct {
		name, message string
		want          *PeerError
		field         string // of the fault, where want is nil
	}{
		{"unspecified", "01 624e6f", &PeerError{Code: 1}, ""},
		{"unspecified, empty", "01 60", &PeerError{Code: 1}, ""},
		{"wrong suite, RFC 9529, section 3.2", "0202", &PeerError{Code: 2, Suites: []int{2}}, ""},
		{"wrong suite, several", "02 83020039ffff", &PeerError{Code: 2, Suites: []int{2, 0, -65536}}, ""},
		{"unknown credential", "03 f5", &PeerError{Code: 3}, ""},
		{"unknown code", "04 00", &PeerError{Code: 4}, ""},
		{"unknown negative code with information of any kind", "20 fb3ff199999999999a c249", &PeerError{Code: -1}, ""},
		{"success", "00 f5", nil, "ERR_CODE"},
		{"code in long form", "1802 02", nil, "ERR_CODE"},
		{"content that is not of its code", "01 40", &PeerError{Code: 1}, ""},
		{"content that is cut off", "01 624e", &PeerError{Code: 1}, ""},
		{"content and more", "01 624e6f 00", &PeerError{Code: 1}, ""},
		{"no content", "01", &PeerError{Code: 1}, ""},
		{"no suites", "02", nil, "SUITES_R"},
		{"empty suites", "02 80", nil, "SUITES_R"},
		{"array of one suite", "02 8102", nil, "SUITES_R"},
		{"suites and more", "02 02 02", nil, ""},
		{"unknown credential, false", "03 f4", &PeerError{Code: 3}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := message1OfMethod(t, tt.message, "")
			f := newFixture(t, 0, "kid")
			x := f.run(t)
			_, errI := x.initiator1().ReadMessage2(message, knows(t, f.r))
			_, errR := x.responder1().ReadMessage3(message, knows(t, f.i))
			for _, err := range []error{errI, errR} {
				if tt.want == nil {
					requireFault(t, err, ErrMalformed, tt.field)
					continue
				}
				requireFault(t, err, ErrPeer, "")
				var peer *PeerError
				require.ErrorAs(t, err, &peer)
				require.Equal(t, tt.want, peer)
				require.NotEmpty(t, peer.Error())
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	for k := ErrMalformed; k <= ErrLocal; k++ {
		require.NotEmpty(t, k.Error())
		require.NotEqual(t, Kind(0).Error(), k.Error())
		require.ErrorIs(t, &Error{Kind: k}, k)
		for other := ErrMalformed; other <= ErrLocal; other++ {
			require.Equal(t, k == other, errors.Is(&Error{Kind: k, Err: errUnknown}, other))
		}
	}
	require.Equal(t, Kind(0).Error(), (ErrLocal + 1).Error())
	e := &Error{Kind: ErrKeyShare, Field: "G_X", Detail: "wrong length", Err: errUnknown}
	require.Equal(t, "edhoc: invalid ephemeral key: G_X: wrong length: nobody of that name", e.Error())
	require.ErrorIs(t, e, errUnknown)
}
