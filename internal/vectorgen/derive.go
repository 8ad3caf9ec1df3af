package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"github.com/postern-lock/postern/internal/suite"
	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// What follows are the derivations of chapter 06 over the primitives alone, so
// that no vector is made by the code that it is to hold.

// must is for what cannot fail: the arguments are ours.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func hash(parts ...[]byte) []byte {
	sum := sha256.Sum256(bytes.Join(parts, nil))
	return sum[:]
}

// extract is HKDF-Extract.
func extract(salt, ikm []byte) []byte { return must(suite.Extract(salt, ikm)) }

// kdf is EDHOC_KDF (section 6.7.1).
func kdf(prk []byte, label uint64, context []byte, length int) []byte {
	info := joined([]item{uintItem(label), bytesItem(context), uintItem(uint64(length))})
	return must(suite.Expand(prk, length, info))
}

// bstr is a byte string of CBOR.
func bstr(content []byte) []byte { return bytesItem(content).data }

// ccm seals with AES-CCM-16-64-128.
func ccm(key, iv, additional, plaintext []byte) []byte {
	c := must(suite.NewCCM([suite.CCMKeySize]byte(key)))
	return must(c.Seal([suite.CCMNonceSize]byte(iv), plaintext, additional))
}

// xor returns a XOR b, which are equally long.
func xor(a, b []byte) []byte {
	out := make([]byte, len(a))
	for i := range out {
		out[i] = a[i] ^ b[i]
	}
	return out
}

// channelKeys divides OKM (section 6.7.2).
func channelKeys(okm []byte) vectors.ChannelKeys {
	return vectors.ChannelKeys{OKM: okm, RequestKey: okm[:16], ResponseKey: okm[16:32], RequestIV: okm[32:45], ResponseIV: okm[45:58]}
}

const (
	requestDirection  = "request"
	responseDirection = "response"
)

// sealed seals a message of the channel (section 6.7.3).
func sealed(k vectors.ChannelKeys, direction string, counter int, plaintext []byte) []byte {
	return sealedWith(k, direction, counter, plaintext, nil)
}

// sealedWith has associated data, which no good message has.
func sealedWith(k vectors.ChannelKeys, direction string, counter int, plaintext, additional []byte) []byte {
	key, iv := k.RequestKey, k.RequestIV
	if direction == responseDirection {
		key, iv = k.ResponseKey, k.ResponseIV
	}
	count := binary.BigEndian.AppendUint64(make([]byte, 5), uint64(counter))
	return ccm(key, xor(iv, count), additional, plaintext)
}

// resumed are the values of a transaction that is resumed (section 15.3).
func resumed(secret, nonce, selectHash []byte) *vectors.ResumptionValues {
	prk := extract(append(bytes.Clone(nonce), selectHash...), secret)
	return &vectors.ResumptionValues{
		SelectHash: selectHash, PRK: prk,
		ID:          kdf(prk, wire.ResumptionLabelId, nil, wire.LimitResumptionIdBytes),
		ChannelKeys: channelKeys(kdf(prk, wire.ResumptionLabelChannel, nil, 58)),
	}
}

// nextSecret is the secret after one (section 15.1).
func nextSecret(secret []byte) []byte { return kdf(secret, wire.ResumptionLabelNext, nil, 32) }

// selectPair is SELECT and a lock's answer (section 5.3).
func selectPair(id, nonce []byte, capabilities uint64) vectors.Pair {
	return vectors.Pair{Command: selectCommand.short(), Response: selectAnswer(
		arrayItem(uintItem(wire.LimitVersion), uintItem(capabilities), bytesItem(id), bytesItem(nonce)))}
}

// selectAnswer puts the content of tag 85 into an answer with 9000.
func selectAnswer(content item) []byte {
	n := byte(len(content.data))
	return append(append([]byte{0x6f, n + 2, 0x85, n}, content.data...), 0x90, 0x00)
}

// selectHash is that of section 5.3.
func selectHash(p vectors.Pair) []byte { return hash(p.Command, p.Response) }

// answered is response data with 9000.
func answered(data []byte) []byte { return append(bytes.Clone(data), 0x90, 0x00) }

// refusal is the answer 6982.
var refusal = vectors.Hex{0x69, 0x82}

// flipped returns b with the lowest bit of one byte changed, counted from the
// end where at is negative.
func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	return b
}

// encStructure is what CIPHERTEXT_3 has as associated data (section 6.6).
func encStructure(th []byte) []byte {
	encrypt0 := rawItem(append(head(majorText, 8), "Encrypt0"...)...)
	return arrayItem(encrypt0, bytesItem(nil), bytesItem(th)).data
}

// oneCommand is a command in one short APDU with Le 00.
func oneCommand(ins, p1 byte, data []byte) vectors.Hex {
	if len(data) > 255 {
		panic("too much for a short command")
	}
	return apduCommand{0x80, ins, p1, 0, data, 256}.short()
}
