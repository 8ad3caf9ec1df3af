package message_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkParse checks what holds for any bytes: they are refused without a value,
// or they hold something unknown, or they are what their value encodes to.
func checkParse(t *testing.T, f form, data []byte) {
	value, unknown, encode, err := f.parse(bytes.Clone(data))
	if err != nil {
		require.Zero(t, value, "%X", data)
		return
	}
	if unknown {
		return
	}
	again, err := encode()
	require.NoError(t, err, "%X", data)
	require.Equal(t, data, again)
}

func TestTruncatedMessagesAreRefused(t *testing.T) {
	for _, c := range golden {
		b := unhex(t, c.bytes)
		for n := range b {
			_, _, _, err := c.form.parse(b[:n])
			require.Error(t, err, "%s: the first %d bytes", c.name, n)
		}
	}
}

func TestExtendedMessagesAreRefused(t *testing.T) {
	for _, c := range golden {
		b := unhex(t, c.bytes)
		for more := range 256 {
			_, _, _, err := c.form.parse(append(bytes.Clone(b), byte(more)))
			require.Error(t, err, "%s: with %02X behind it", c.name, more)
		}
	}
}

func TestMessagesWithOneByteChangedAreOthersOrNone(t *testing.T) {
	for _, c := range golden {
		b := unhex(t, c.bytes)
		for i, old := range b {
			for change := 1; change < 256; change++ {
				b[i] = old ^ byte(change)
				checkParse(t, c.form, b)
			}
			b[i] = old
		}
	}
}

// TestUnknownFieldsChangeNothingElse adds a field: what is understood
// encodes to the message without it.
func TestUnknownFieldsChangeNothingElse(t *testing.T) {
	for _, c := range golden {
		if c.form.name != "request" && c.form.name != "response" {
			continue
		}
		b := unhex(t, c.bytes)
		b[0]++ // one more pair
		_, unknown, encode, err := c.form.parse(append(b, 0x18, 0xC8, 0x84, 0x01, 0x20, 0x41, 0x00, 0xF5))
		require.NoError(t, err, c.name)
		require.True(t, unknown, c.name)
		again, err := encode()
		require.NoError(t, err, c.name)
		require.Equal(t, unhex(t, c.bytes), again, c.name)
	}
}
