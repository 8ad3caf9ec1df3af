package main

import (
	"bytes"
	"fmt"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// channelBuilder makes area channel.
type channelBuilder struct {
	*builder[vectors.ChannelParams, vectors.ChannelTest, *vectors.ChannelTest]
	keys vectors.ChannelKeys // of the group
}

var channelNotes = map[string]vectors.Note{
	"seal":      note("interoperability", "Two good sides do not understand each other.", "PST-CHAN-003", "PST-CHAN-004"),
	"altered":   note("crypto", "An altered message passes.", "PST-CHAN-004"),
	"length":    note("memory-safety", "Reads behind the message, or takes a shorter one for whole.", "PST-CHAN-004"),
	"direction": note("crypto", "A side takes its own message, or two messages share a nonce.", "PST-CHAN-004"),
	"counter":   note("replay", "A message passes twice, or in another's place.", "PST-CHAN-003", "PST-CHAN-004"),
	"nonce":     note("crypto", "The nonce is formed in another way, so two messages may share one.", "PST-CHAN-003"),
	"keys":      note("crypto", "Keys are divided or derived in another way.", "PST-CHAN-001"),
	"bound":     note("exhaustion", "A channel goes on for ever.", "PST-DEC-007"),
}

func channelArea() (output, error) {
	b := &channelBuilder{builder: begin[vectors.ChannelParams, vectors.ChannelTest]("channel", channelNotes)}
	for _, name := range []string{"first", "second"} {
		p := vectors.ChannelParams{Secret: draw("channel/"+name+"/secret", 32), Nonce: draw("channel/"+name+"/nonce", 8)}
		p.SelectHash = hash(draw("channel/"+name+"/select", 50))
		p.ChannelKeys = resumed(p.Secret, p.Nonce, p.SelectHash).ChannelKeys
		b.keys = p.ChannelKeys
		b.group("The "+name+" channel", p)
		twin := b.good(name)
		b.refused(name, twin)
		if name == "first" {
			b.long(twin)
		}
	}
	return b.end()
}

// plain returns a plaintext of n bytes, which stands for a request or response.
func plain(name string, n int) []byte { return draw("channel/plaintext/"+name, n) }

// step is a good message.
func (b *channelBuilder) step(direction string, counter int, plaintext []byte) vectors.ChannelStep {
	return vectors.ChannelStep{Direction: direction, Counter: &counter, Plaintext: plaintext, Sealed: sealed(b.keys, direction, counter, plaintext)}
}

// turns are pairs of request and response from counter 0 on.
func (b *channelBuilder) turns(name string, pairs, n int) []vectors.ChannelStep {
	var steps []vectors.ChannelStep
	for i := range pairs {
		steps = append(steps, b.step(requestDirection, i, plain(fmt.Sprintf("%s/request %d", name, i), n)),
			b.step(responseDirection, i, plain(fmt.Sprintf("%s/response %d", name, i), n)))
	}
	return steps
}

func (b *channelBuilder) good(name string) int {
	twin := b.valid("three pairs", vectors.ChannelTest{Steps: b.turns(name, 3, 11)}, "seal")
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 1016} {
		b.valid(fmt.Sprintf("plaintexts of %d bytes", n), vectors.ChannelTest{Steps: b.turns(fmt.Sprintf("%s/%d", name, n), 1, n)}, "seal")
	}
	b.valid("two requests and no response between", vectors.ChannelTest{Steps: []vectors.ChannelStep{
		b.step(requestDirection, 0, plain("a", 3)), b.step(requestDirection, 1, plain("a", 3)), b.step(responseDirection, 0, plain("a", 3)),
	}}, "seal", "counter")
	return twin
}

// bad is a last step that the receiver refuses.
type bad struct {
	flag, comment string
	counter       int // -1 for none
	sealed        []byte
}

// refused tries faults as the first message and as a later one, in each
// direction.
func (b *channelBuilder) refused(name string, twin int) {
	for _, direction := range []string{requestDirection, responseDirection} {
		other := map[string]string{requestDirection: responseDirection, responseDirection: requestDirection}[direction]
		for _, before := range []int{0, 2} {
			steps := b.turns(name+"/before", before, 5)
			if direction == responseDirection {
				steps = append(steps, b.step(requestDirection, before, plain(name, 5)))
			}
			good := plain(name+"/refused", 21)
			for _, c := range b.faults(direction, other, before, good) {
				last := vectors.ChannelStep{Direction: direction, Sealed: c.sealed}
				if c.counter >= 0 {
					last.Counter = &c.counter
				}
				b.invalid(twin, wire.ReasonChannel, fmt.Sprintf("%s after %d pairs: %s", direction, before, c.comment), vectors.ChannelTest{
					Steps: append(bytesOf(steps), last), Then: sealed(b.keys, direction, before+1, good),
				}, c.flag)
			}
		}
	}
}

// bytesOf is a copy of steps, to append to.
func bytesOf(steps []vectors.ChannelStep) []vectors.ChannelStep {
	return append([]vectors.ChannelStep{}, steps...)
}

func (b *channelBuilder) faults(direction, other string, counter int, good []byte) []bad {
	s := sealed(b.keys, direction, counter, good)
	k := b.keys
	swapped := vectors.ChannelKeys{RequestKey: k.ResponseKey, ResponseKey: k.RequestKey, RequestIV: k.RequestIV, ResponseIV: k.ResponseIV}
	swappedIV := vectors.ChannelKeys{RequestKey: k.RequestKey, ResponseKey: k.ResponseKey, RequestIV: k.ResponseIV, ResponseIV: k.RequestIV}
	late := vectors.ChannelKeys{RequestKey: k.RequestKey, ResponseKey: k.ResponseKey, RequestIV: little(k.RequestIV, counter+1), ResponseIV: little(k.ResponseIV, counter+1)}
	key, iv := k.RequestKey, k.RequestIV
	if direction == responseDirection {
		key, iv = k.ResponseKey, k.ResponseIV
	}
	nonce := flipped(iv, 12)
	list := []bad{
		{"altered", "the first byte is altered", -1, flipped(s, 0)},
		{"altered", "the last byte of the ciphertext is altered", -1, flipped(s, len(s)-9)},
		{"altered", "the first byte of the tag is altered", -1, flipped(s, len(s)-8)},
		{"altered", "the last byte of the tag is altered", -1, flipped(s, len(s)-1)},
		{"altered", "the tag is zero", -1, append(bytes.Clone(s[:len(s)-8]), make([]byte, 8)...)},
		{"length", "one byte less", -1, s[:len(s)-1]},
		{"length", "one byte more", -1, append(bytes.Clone(s), 0)},
		{"length", "without the tag", -1, s[:len(s)-8]},
		{"length", "the tag alone", -1, s[len(s)-8:]},
		{"length", "the first byte cut off", -1, s[1:]},
		{"length", "7 bytes", -1, s[:7]},
		{"length", "nothing", -1, []byte{}},
		{"length", "in a CBOR byte string", -1, bstr(s)},
		{"direction", "sealed for the other direction", -1, sealed(k, other, counter, good)},
		{"keys", "sealed with the other direction's key", -1, sealed(swapped, direction, counter, good)},
		{"keys", "sealed with the other direction's IV", -1, sealed(swappedIV, direction, counter, good)},
		{"counter", "the next counter", counter + 1, sealed(k, direction, counter+1, good)},
		{"counter", "a counter far ahead", counter + 256, sealed(k, direction, counter+256, good)},
		{"nonce", "the counter plus one at the nonce's front", -1, sealed(late, direction, 0, good)},
		{"nonce", "the last bit of the IV is altered", -1, ccm(key, nonce, nil, good)},
		{"nonce", "with an Enc_structure as associated data", -1, sealedWith(k, direction, counter, good, encStructure(nil))},
		{"nonce", "with one zero byte as associated data", -1, sealedWith(k, direction, counter, good, []byte{0})},
	}
	if counter > 0 {
		list = append(list, bad{"counter", "the counter before, again", counter - 1, sealed(k, direction, counter-1, good)},
			bad{"counter", "counter 0, again", 0, sealed(k, direction, 0, plain("zero", 21))})
	}
	return list
}

// little is an IV with a counter in its first byte.
func little(iv []byte, counter int) []byte {
	iv = bytes.Clone(iv)
	iv[0] ^= byte(counter)
	return iv
}

// long uses a channel to its end.
func (b *channelBuilder) long(twin int) {
	all := b.turns("long", wire.LimitRequests, 3)
	last := b.valid("64 pairs", vectors.ChannelTest{Steps: all}, "seal", "bound")
	b.invalid(last, wire.ReasonLimit, "a 65th request", vectors.ChannelTest{
		Steps: append(bytesOf(all), b.over(wire.LimitRequests)), Then: sealed(b.keys, requestDirection, wire.LimitRequests+1, plain("over", 3)),
	}, "bound")
	var requests []vectors.ChannelStep
	for i := range wire.LimitRequests {
		requests = append(requests, b.step(requestDirection, i, plain(fmt.Sprintf("long/request %d", i), 3)))
	}
	b.invalid(twin, wire.ReasonLimit, "a 65th request, without a response between", vectors.ChannelTest{
		Steps: append(requests, b.over(wire.LimitRequests)), Then: sealed(b.keys, requestDirection, wire.LimitRequests+1, plain("over", 3)),
	}, "bound")
}

// over is a request beyond the bound.
func (b *channelBuilder) over(counter int) vectors.ChannelStep {
	return vectors.ChannelStep{Direction: requestDirection, Counter: &counter, Sealed: sealed(b.keys, requestDirection, counter, plain("over", 3))}
}
