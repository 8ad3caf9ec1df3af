package suite

import (
	"bytes"
	"crypto/aes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 3610, section 8: the packet vectors with a tag of 8 bytes. All have a nonce
// of 13 bytes.
var rfc3610 = []struct{ name, key, nonce, additional, plaintext, ciphertext string }{
	{
		"packet vector 1", rfc3610Key, "00000003020100a0a1a2a3a4a5", "0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
		"588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0",
	},
	{
		"packet vector 2", rfc3610Key, "00000004030201a0a1a2a3a4a5", "0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916",
	},
	{
		"packet vector 3", rfc3610Key, "00000005040302a0a1a2a3a4a5", "0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20",
		"51b1e5f44a197d1da46b0f8e2d282ae871e838bb64da8596574adaa76fbd9fb0c5",
	},
	{
		"packet vector 4", rfc3610Key, "00000006050403a0a1a2a3a4a5", "000102030405060708090a0b",
		"0c0d0e0f101112131415161718191a1b1c1d1e",
		"a28c6865939a9a79faaa5c4c2a9d4a91cdac8c96c861b9c9e61ef1",
	},
	{
		"packet vector 5", rfc3610Key, "00000007060504a0a1a2a3a4a5", "000102030405060708090a0b",
		"0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"dcf1fb7b5d9e23fb9d4e131253658ad86ebdca3e51e83f077d9c2d93",
	},
	{
		"packet vector 6", rfc3610Key, "00000008070605a0a1a2a3a4a5", "000102030405060708090a0b",
		"0c0d0e0f101112131415161718191a1b1c1d1e1f20",
		"6fc1b011f006568b5171a42d953d469b2570a4bd87405a0443ac91cb94",
	},
	{
		"packet vector 13", rfc3610Key2, "00412b4ea9cdbe3c9696766cfa", "0be1a88bace018b1",
		"08e8cf97d820ea258460e96ad9cf5289054d895ceac47c",
		"4cb97f86a2a4689a877947ab8091ef5386a6ffbdd080f8e78cf7cb0cddd7b3",
	},
	{
		"packet vector 14", rfc3610Key2, "0033568ef7b2633c9696766cfa", "63018f76dc8a1bcb",
		"9020ea6f91bdd85afa0039ba4baff9bfb79c7028949cd0ec",
		"4ccb1e7ca981befaa0726c55d378061298c85c92814abc33c52ee81d7d77c08a",
	},
	{
		"packet vector 15", rfc3610Key2, "00103fe41336713c9696766cfa", "aa6cfa36cae86b40",
		"b916e0eacc1c00d7dcec68ec0b3bbb1a02de8a2d1aa346132e",
		"b1d23a2220ddc0ac900d9aa03c61fcf4a559a4417767089708a776796edb723506",
	},
	{
		"packet vector 16", rfc3610Key2, "00764c63b8058e3c9696766cfa", "d0d0735c531e1becf049c244",
		"12daac5630efa5396f770ce1a66b21f7b2101c",
		"14d253c3967b70609b7cbb7c499160283245269a6f49975bcadeaf",
	},
	{
		"packet vector 17", rfc3610Key2, "00f8b678094e3b3c9696766cfa", "77b60f011c03e1525899bcae",
		"e88b6a46c78d63e52eb8c546efb5de6f75e9cc0d",
		"5545ff1a085ee2efbf52b2e04bee1e2336c73e3f762c0c7744fe7e3c",
	},
	{
		"packet vector 18", rfc3610Key2, "00d560912d3f703c9696766cfa", "cd9044d2b71fdb8120ea60c0",
		"6435acbafb11a82e2f071d7ca4a5ebd93a803ba87f",
		"009769ecabdf48625594c59251e6035722675e04c847099e5ae0704551",
	},
}

const (
	rfc3610Key  = "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
	rfc3610Key2 = "d7828d13b2b0bdc325a76236df93cc6b"
)

func newCCM(tb testing.TB, key []byte) *CCM {
	tb.Helper()
	ccm, err := NewCCM([CCMKeySize]byte(key))
	require.NoError(tb, err)
	return ccm
}

func TestCCMRFC3610(t *testing.T) {
	for _, c := range rfc3610 {
		t.Run(c.name, func(t *testing.T) {
			ccm, nonce, additional := newCCM(t, unhex(t, c.key)), [CCMNonceSize]byte(unhex(t, c.nonce)), unhex(t, c.additional)
			sealed, err := ccm.Seal(nonce, unhex(t, c.plaintext), additional)
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.ciphertext), sealed)
			opened, err := ccm.Open(nonce, sealed, additional)
			require.NoError(t, err)
			require.Equal(t, unhex(t, c.plaintext), opened)
		})
	}
}

// ccmOracle is CCM for every parameter set, written after the formatting function
// of NIST SP 800-38C, appendix A: all blocks laid out in one string, then MAC and
// counter mode block by block. It returns nil where the parameters are not CCM's.
func ccmOracle(key, nonce, plaintext, additional []byte, tagSize int) []byte {
	block, err := aes.NewCipher(key)
	q := 15 - len(nonce)
	if err != nil || q < 2 || q > 8 || tagSize < 4 || tagSize > 16 || tagSize%2 == 1 {
		return nil
	}
	flags := byte(8*((tagSize-2)/2) + q - 1)
	if len(additional) > 0 {
		flags += 64
	}
	length := binary.BigEndian.AppendUint64(nil, uint64(len(plaintext)))
	b := append(append([]byte{flags}, nonce...), length[8-q:]...)
	switch n := len(additional); {
	case n >= 0xff00:
		b = binary.BigEndian.AppendUint32(append(b, 0xff, 0xfe), uint32(n))
	case n > 0:
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	b = pad16(append(pad16(append(b, additional...)), plaintext...))
	var y [16]byte
	for len(b) > 0 {
		for i := range y {
			y[i] ^= b[i]
		}
		block.Encrypt(y[:], y[:])
		b = b[16:]
	}
	var out []byte
	for i, v := range append(y[:], plaintext...) {
		counter := append(append([]byte{byte(q - 1)}, nonce...), make([]byte, q)...)
		binary.BigEndian.PutUint32(counter[12:], binary.BigEndian.Uint32(counter[12:])|uint32(i/16))
		block.Encrypt(counter, counter)
		out = append(out, v^counter[i%16])
	}
	return append(bytes.Clone(out[16:]), out[:tagSize]...)
}

func pad16(b []byte) []byte { return append(b, make([]byte, (16-len(b)%16)%16)...) }

// Wycheproof has no case with a nonce of 13 bytes and a tag of 8. So its cases
// prove the oracle, which then proves the implementation; and this test fails on
// the day when there are such cases, so that they are not missed.
func TestCCMWycheproofProvesTheOracle(t *testing.T) {
	type group struct {
		IVSize  int `json:"ivSize"`
		KeySize int `json:"keySize"`
		TagSize int `json:"tagSize"`
		Tests   []struct {
			ID     int      `json:"tcId"`
			Key    hexBytes `json:"key"`
			IV     hexBytes `json:"iv"`
			AAD    hexBytes `json:"aad"`
			Msg    hexBytes `json:"msg"`
			CT     hexBytes `json:"ct"`
			Tag    hexBytes `json:"tag"`
			Result verdict  `json:"result"`
		} `json:"tests"`
	}
	run, ours, sameKeyStream := map[verdict]int{}, 0, 0
	for _, g := range loadWycheproof[group](t, "aes_ccm_test.json") {
		for _, c := range g.Tests {
			run[c.Result]++
			sealed := ccmOracle(c.Key, c.IV, c.Msg, c.AAD, g.TagSize/8)
			require.Equal(t, c.Result == "valid", bytes.Equal(sealed, append(bytes.Clone(c.CT), c.Tag...)), "case %d", c.ID)
			if g.KeySize != 8*CCMKeySize || g.IVSize != 8*CCMNonceSize {
				continue
			}
			if g.TagSize == 8*CCMTagSize {
				ours++
			}
			// Only the tag depends on its length.
			got, err := newCCM(t, c.Key).Seal([CCMNonceSize]byte(c.IV), c.Msg, c.AAD)
			require.NoError(t, err)
			require.Equal(t, []byte(c.CT), got[:len(c.Msg)], "case %d", c.ID)
			sameKeyStream++
		}
	}
	require.Equal(t, map[verdict]int{"valid": 405, "invalid": 147}, run)
	require.Equal(t, 6, sameKeyStream)
	require.Zero(t, ours, "Wycheproof has cases with these parameters now: run them")
}

func TestCCMAsTheOracleForEveryLength(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{1}))
	fill := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	for _, plaintext := range []int{0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 160, 255, 256, 1024} {
		for _, additional := range []int{0, 1, 13, 14, 15, 16, 17, 29, 30, 31, 32, 33, 46, 512} {
			key, nonce, text, data := fill(CCMKeySize), fill(CCMNonceSize), fill(plaintext), fill(additional)
			ccm := newCCM(t, key)
			sealed, err := ccm.Seal([CCMNonceSize]byte(nonce), text, data)
			require.NoError(t, err)
			require.Equal(t, ccmOracle(key, nonce, text, data, CCMTagSize), sealed)
			opened, err := ccm.Open([CCMNonceSize]byte(nonce), sealed, data)
			require.NoError(t, err)
			require.Equal(t, text, opened)
		}
	}
}

func TestCCMTakesTheLongest(t *testing.T) {
	ccm := newCCM(t, unhex(t, rfc3610Key))
	text, data := make([]byte, maxCCMPlaintext+1), make([]byte, maxCCMAdditional+1)
	sealed, err := ccm.Seal([CCMNonceSize]byte{}, text[1:], data[1:])
	require.NoError(t, err)
	require.Equal(t, ccmOracle(unhex(t, rfc3610Key), make([]byte, CCMNonceSize), text[1:], data[1:], CCMTagSize), sealed)
	opened, err := ccm.Open([CCMNonceSize]byte{}, sealed, data[1:])
	require.NoError(t, err)
	require.Equal(t, text[1:], opened)

	_, err = ccm.Seal([CCMNonceSize]byte{}, text, nil)
	require.ErrorIs(t, err, ErrLength)
	_, err = ccm.Seal([CCMNonceSize]byte{}, nil, data)
	require.ErrorIs(t, err, ErrLength)
	_, err = ccm.Open([CCMNonceSize]byte{}, append(sealed, 0), nil)
	requireRule(t, err, ErrOpen, "length")
	_, err = ccm.Open([CCMNonceSize]byte{}, sealed, data)
	requireRule(t, err, ErrOpen, "length")
}

func TestCCMOpenRefusesEveryChange(t *testing.T) {
	c := rfc3610[0]
	ccm := newCCM(t, unhex(t, c.key))
	nonce, sealed, additional := unhex(t, c.nonce), unhex(t, c.ciphertext), unhex(t, c.additional)
	refuse := func(what string, nonce, sealed, additional []byte) {
		t.Helper()
		opened, err := ccm.Open([CCMNonceSize]byte(nonce), sealed, additional)
		require.ErrorIs(t, err, ErrOpen, what)
		require.Nil(t, opened, what)
	}
	for name, b := range map[string][]byte{"nonce": nonce, "ciphertext": sealed, "additional data": additional} {
		for i := range 8 * len(b) {
			b[i/8] ^= 1 << (i % 8)
			refuse(fmt.Sprintf("%s, bit %d", name, i), nonce, sealed, additional)
			b[i/8] ^= 1 << (i % 8)
		}
	}
	for n := range sealed {
		refuse("truncated", nonce, sealed[:n], additional)
	}
	for b := range 256 {
		refuse("extended", nonce, append(bytes.Clone(sealed), byte(b)), additional)
		refuse("extended data", nonce, sealed, append(bytes.Clone(additional), byte(b)))
	}
	refuse("no additional data", nonce, sealed, nil)
	_, err := newCCM(t, unhex(t, rfc3610Key2)).Open([CCMNonceSize]byte(nonce), sealed, additional)
	requireRule(t, err, ErrOpen, "tag")
}

func TestCCMLeavesItsArgumentsAlone(t *testing.T) {
	c := rfc3610[0]
	ccm, nonce := newCCM(t, unhex(t, c.key)), [CCMNonceSize]byte(unhex(t, c.nonce))
	plaintext, sealed, additional := unhex(t, c.plaintext), unhex(t, c.ciphertext), unhex(t, c.additional)
	_, err := ccm.Seal(nonce, plaintext, additional)
	require.NoError(t, err)
	_, err = ccm.Open(nonce, sealed, additional)
	require.NoError(t, err)
	require.Equal(t, unhex(t, c.plaintext), plaintext)
	require.Equal(t, unhex(t, c.ciphertext), sealed)
	require.Equal(t, unhex(t, c.additional), additional)
}

func TestZeroCCMNeitherSealsNorOpens(t *testing.T) {
	var ccm CCM
	_, err := ccm.Seal([CCMNonceSize]byte{}, nil, nil)
	requireRule(t, err, ErrKey, "no key")
	_, err = ccm.Open([CCMNonceSize]byte{}, make([]byte, 8), nil)
	requireRule(t, err, ErrKey, "no key")
}

// FuzzCCM compares with the oracle, and opens what was never sealed.
func FuzzCCM(f *testing.F) {
	for _, c := range rfc3610 {
		f.Add(unhex(f, c.key), unhex(f, c.nonce), unhex(f, c.plaintext), unhex(f, c.additional))
	}
	f.Fuzz(func(t *testing.T, key, nonce, text, additional []byte) {
		if len(key) != CCMKeySize || len(nonce) != CCMNonceSize || len(text) > maxCCMPlaintext || len(additional) > maxCCMAdditional {
			return
		}
		ccm := newCCM(t, key)
		sealed, err := ccm.Seal([CCMNonceSize]byte(nonce), text, additional)
		require.NoError(t, err)
		require.Equal(t, ccmOracle(key, nonce, text, additional, CCMTagSize), sealed)
		opened, err := ccm.Open([CCMNonceSize]byte(nonce), sealed, additional)
		require.NoError(t, err)
		require.True(t, bytes.Equal(text, opened))
		if opened, err = ccm.Open([CCMNonceSize]byte(nonce), text, additional); err == nil {
			require.Equal(t, text, ccmOracle(key, nonce, opened, additional, CCMTagSize))
		}
	})
}
