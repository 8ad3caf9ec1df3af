package apdu_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/apdu"
)

func TestParseAndEncodeDoNotAllocate(t *testing.T) {
	for _, tc := range cases {
		buffer := make([]byte, 0, 66000)
		whole, err := tc.command.AppendTo(nil, tc.extended)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			c, err := apdu.ParseCommand(whole)
			if err != nil {
				panic(err)
			}
			if _, err = c.AppendTo(buffer, tc.extended); err != nil {
				panic(err)
			}
		}), tc.name)
	}
}

func TestResponsesDoNotAllocate(t *testing.T) {
	whole := append(fill(256), 0x90, 0x00)
	buffer := make([]byte, 0, 300)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r, err := apdu.ParseResponse(whole)
		if err != nil {
			panic(err)
		}
		if _, err = r.AppendTo(buffer); err != nil {
			panic(err)
		}
	}))
}

func TestCardDoesNotAllocate(t *testing.T) {
	card := apdu.NewCard(lamp{}, apdu.CardConfig{Extended: true})
	commands := [][]byte{
		append(unhex(t, "90140000 FF"), fill(255)...),
		append(append(unhex(t, "80140000 FF"), fill(255)...), 0),
		unhex(t, "00C0000000"),
		append(append(unhex(t, "80140000 000400"), fill(1024)...), 0, 0),
	}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, c := range commands {
			card.Process(c)
		}
	}))
}

func BenchmarkParseCommand(b *testing.B) {
	for _, name := range []string{"case 4 short, 255 bytes", "case 4 extended"} {
		b.Run(name, func(b *testing.B) {
			whole := encoded(b, name)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := apdu.ParseCommand(whole); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendCommand(b *testing.B) {
	for _, name := range []string{"case 4 short, 255 bytes", "case 4 extended"} {
		b.Run(name, func(b *testing.B) {
			whole := encoded(b, name)
			c, err := apdu.ParseCommand(whole)
			require.NoError(b, err)
			buffer := make([]byte, 0, len(whole))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.AppendTo(buffer, apdu.IsExtended(whole)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func encoded(t testing.TB, name string) []byte {
	t.Helper()
	for _, tc := range cases {
		if tc.name == name {
			b, err := tc.command.AppendTo(nil, tc.extended)
			require.NoError(t, err)
			return b
		}
	}
	require.Fail(t, "no such case", name)
	return nil
}

func BenchmarkCardChain(b *testing.B) {
	card := apdu.NewCard(lamp{}, apdu.CardConfig{})
	first := append(unhex(b, "90140000 FF"), fill(255)...)
	last := append(append(unhex(b, "80140000 FF"), fill(255)...), 0)
	get := unhex(b, "00C0000000")
	b.ReportAllocs()
	for b.Loop() {
		card.Process(first)
		card.Process(last)
		card.Process(get)
	}
}

func BenchmarkExchange(b *testing.B) {
	link := apdu.Direct(apdu.NewCard(lamp{}, apdu.CardConfig{}))
	c := apdu.Command{CLA: 0x80, INS: 0x14, Data: fill(200), Ne: 256}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apdu.Exchange(b.Context(), link, c, apdu.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
