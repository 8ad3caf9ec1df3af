package main

import (
	"fmt"
	"slices"

	"github.com/postern-lock/postern/internal/wire"
	"github.com/postern-lock/postern/spec/vectors"
)

// asked is a request in both forms.
type asked struct {
	fields [][]*node
	told   vectors.Request
}

func ask(operation uint32) *asked {
	r := &asked{told: vectors.Request{Operation: operation, Unknown: operation > 7}}
	return r.set(wire.RequestOperation, uintNode(uint64(operation)).named("operation"))
}

func (r *asked) set(key uint64, value *node) *asked {
	r.fields = append(r.fields, []*node{uintNode(key), value})
	return r
}

func (r *asked) resource(v uint32) *asked {
	r.told.Resource = v
	return r.set(wire.RequestResource, number("resource", 1, 255, uint64(v)))
}

func (r *asked) chain(objects ...*node) *asked {
	for _, o := range objects {
		r.told.Chain = append(r.told.Chain, o.data())
	}
	return r.set(wire.RequestChain, arrayNode(objects...).named("chain").free())
}

func (r *asked) documents(objects ...*node) *asked {
	for _, o := range objects {
		r.told.Documents = append(r.told.Documents, o.data())
	}
	return r.set(wire.RequestDocuments, arrayNode(objects...).named("documents").free())
}

func (r *asked) flags(v uint32) *asked {
	r.told.Flags, r.told.Unknown = v, r.told.Unknown || v > 7
	return r.set(wire.RequestFlags, uintNode(uint64(v)).named("flags"))
}

func (r *asked) reference(v []byte) *asked {
	r.told.Reference = v
	return r.set(wire.RequestReference, sized("reference", v))
}

func (r *asked) proof(v []byte) *asked {
	r.told.Proof = v
	return r.set(wire.RequestProof, sized("proof", v))
}

func (r *asked) page(v uint32) *asked {
	r.told.Page = numberOf(v)
	return r.set(wire.RequestPage, number("page", 0, 3, uint64(v)))
}

// unknown is a field of another version.
func (r *asked) unknown(key uint64, value *node) *asked {
	r.told.Unknown = true
	return r.set(key, value)
}

func (r *asked) node() *node { return mapNode(r.fields...).named("request").free() }

// sampleObject is the first good object of a kind.
func sampleObject(i int) *node {
	k := kinds()[i]
	s := k.samples[0]
	return signed(newTree(k.typ, s.signer, s.claims.clone()), s.signer)
}

// unnamed takes the names off all parts, so that no faults are put into them.
func unnamed(n *node) *node {
	n.walk("", func(_ string, n *node) { n.name = "" })
	return n
}

// Places of the kinds.
const (
	authorityKind = 0
	grantKind     = 2
	policyKind    = 3
	listKind      = 4
	tokenKind     = 5
	receiptKind   = 6
)

func (b messageBuilder) requests() {
	b.kind("request")
	good := func(comment string, r *asked, flags ...string) int {
		told := r.told
		return b.valid(comment, vectors.MessageTest{Data: r.node().data(), Request: &told}, append(flags, "admitted")...)
	}
	grant, authority, token := unnamed(sampleObject(grantKind)), unnamed(sampleObject(authorityKind)), unnamed(sampleObject(tokenKind))
	policy, list := unnamed(sampleObject(policyKind)), unnamed(sampleObject(listKind))
	for operation := range uint32(8) {
		good(fmt.Sprintf("operation %d alone", operation), ask(operation))
	}
	reference, proof := draw("message/reference", 8), draw("message/proof", 16)
	whole := ask(2).resource(3).chain(authority).documents(token).flags(3).reference(reference).proof(proof).page(1)
	twin := good("every field", whole)
	good("the greatest resource", ask(1).resource(255))
	good("a chain of four", ask(1).chain(grant, authority, authority, grant))
	good("four documents", ask(0).documents(token, token, list, token))
	good("a policy", ask(0).documents(policy))
	for _, flags := range []uint32{1, 2, 4, 7} {
		good(fmt.Sprintf("flags %d", flags), ask(0).flags(flags))
	}
	good("page 0, named", ask(6).page(0))
	good("page 3", ask(6).page(3))
	good("a proof with configure", ask(7).proof(proof))
	good("a proof of zeros, which is one", ask(7).proof(make([]byte, 16)))
	for _, operation := range []uint32{8, 23, 24, 200, 255, 256, 65536} {
		good(fmt.Sprintf("operation %d, which is not known", operation), ask(operation), "later")
	}
	for _, flags := range []uint32{8, 9, 128, 256, 65536} {
		good(fmt.Sprintf("flags %d, some of them not known", flags), ask(1).flags(flags), "later")
	}
	good("field 9, which is not known", ask(1).unknown(9, uintNode(0)), "later")
	good("field 200, which is not known", ask(1).unknown(200, arrayNode(bytesNode(nil))), "later")
	good("field 2^64 - 1, which is not known", ask(1).unknown(1<<64-1, boolNode(false)), "later")
	zero := &asked{told: vectors.Request{}}
	zero.unknown(0, uintNode(1)).set(1, uintNode(0))
	good("field 0, which is not known", zero, "later")
	good("an unknown field as deep as can be", ask(1).unknown(9, arrays(7)), "later", "limit")
	b.spoil(twin, whole.node(), "")
	b.cuts(twin, whole.node().data())
	b.requestsBad(twin)
}

func (b messageBuilder) requestsBad(twin int) {
	bad := func(comment string, r *asked, flags ...string) {
		b.malformed(twin, comment, r.node().data(), flags...)
	}
	empty := func() *asked { return &asked{} }
	bad("an empty map", empty(), "structure")
	bad("without the operation", empty().resource(3), "structure")
	bad("the operation negative", empty().set(1, intNode(-1)), "structure")
	bad("the operation true", empty().set(1, boolNode(true)), "structure")
	bad("the flags 0", ask(1).set(5, uintNode(0)), "structure")
	bad("the flags negative", ask(1).set(5, intNode(-1)), "structure")
	bad("a reference of zeros", ask(1).reference(make([]byte, 8)), "meaning")
	bad("an empty reference", ask(1).reference([]byte{}), "structure")
	bad("an empty proof", ask(7).proof([]byte{}), "structure")
	bad("a negative field", ask(1).set(0, uintNode(0)).negativeField(), "structure")
	bad("a field with a byte string as key", ask(1).with(bytesNode([]byte{2}), uintNode(1)), "structure")
	bad("a field with true as key", ask(1).with(boolNode(true), uintNode(1)), "structure")
	grant, token := unnamed(sampleObject(grantKind)), unnamed(sampleObject(tokenKind))
	for _, field := range []struct {
		key    uint64
		name   string
		object *node
	}{{wire.RequestChain, "chain", grant}, {wire.RequestDocuments, "documents", token}} {
		set := func(comment string, value *node, flags ...string) {
			bad(field.name+": "+comment, ask(1).set(field.key, value), flags...)
		}
		o := field.object
		set("no objects", arrayNode(), "structure", "limit")
		set("five objects", arrayNode(o, o, o, o, o), "structure", "limit")
		set("an object alone", o, "structure")
		set("an object in a byte string", arrayNode(bytesNode(o.data())), "structure")
		set("the objects in a byte string", bytesNode(arrayNode(o).data()), "structure")
		set("a map in place of an object", arrayNode(mapNode()), "structure")
		set("an integer after an object", arrayNode(o, uintNode(0)), "structure")
		set("an object with a tag", arrayNode(rawNode(append([]byte{0xd2}, o.data()...)...)), "encoding")
		set("an object whose count is longer than needed", arrayNode(rawNode(o.longer()...)), "encoding")
		set("of indefinite length", rawNode(indefinite(arrayNode(o))...), "encoding")
	}
	bad("an unknown field nested too deep", ask(1).set(9, arrays(8)), "limit")
	bad("an unknown field with 33 elements", ask(1).set(9, arrayNode(append(make32(), uintNode(0))...)), "limit")
	bad("an unknown field with null", ask(1).set(9, rawNode(0xf6)), "encoding")
	bad("an unknown field with a text string", ask(1).set(9, rawNode(0x61, 'x')), "encoding")
	bad("an unknown field out of order", ask(1).set(200, uintNode(0)).set(9, uintNode(0)), "encoding")
	many := ask(1)
	for i := range uint64(32) {
		many.set(9+i, uintNode(0))
	}
	bad("33 fields", many, "limit")
	r := ask(1).node()
	b.malformed(twin, "in a byte string", bytesNode(r.data()).data(), "structure")
	b.malformed(twin, "an operation without a map", uintNode(1).data(), "structure")
	b.malformed(twin, "an array of keys and values", arrayNode(r.sub...).data(), "structure")
}

// with adds a pair whose key is of another type.
func (r *asked) with(key, value *node) *asked {
	r.fields = append(r.fields, []*node{key, value})
	return r
}

// negativeField makes the key of the last field negative.
func (r *asked) negativeField() *asked {
	r.fields[len(r.fields)-1][0] = intNode(-1)
	return r
}

// answer is a response in both forms.
type answer struct {
	fields [][]*node
	told   vectors.Response
}

func responding(outcome uint32) *answer {
	a := &answer{told: vectors.Response{Outcome: numberOf(outcome)}}
	return a.set(wire.ResponseOutcome, uintNode(uint64(outcome)).named("outcome"))
}

func (a *answer) set(key uint64, value *node) *answer {
	a.fields = append(a.fields, []*node{uintNode(key), value})
	return a
}

func (a *answer) reason(v uint32) *answer {
	a.told.Reason = v
	return a.set(wire.ResponseReason, uint32Node("reason", 1, uint64(v)))
}

func (a *answer) state(policy, floor, log uint32) *answer {
	a.told.State = &vectors.State{Policy: policy, Floor: floor, Log: log}
	return a.set(wire.ResponseState, arrayNode(
		uint32Node("state: policy", 0, uint64(policy)), uint32Node("state: floor", 0, uint64(floor)), uint32Node("state: log", 0, uint64(log)),
	).named("state"))
}

func (a *answer) missing(kids ...[]byte) *answer {
	for _, k := range kids {
		a.told.Missing = append(a.told.Missing, k)
	}
	return a.set(wire.ResponseMissing, arrayNode(nodes(kids, func(k []byte) *node { return sized("key id", k) })...).named("missing").free())
}

func (a *answer) charge(percent, wait uint32) *answer {
	a.told.Charge = &vectors.Charge{Percent: percent, Wait: wait}
	return a.set(wire.ResponseCharge, arrayNode(number("charge: percent", 0, 100, uint64(percent)), number("charge: wait", 0, 10000, uint64(wait))).named("charge"))
}

func (a *answer) notice(kind, from, until, instruction uint32) *answer {
	a.told.Notice = &vectors.Notice{Kind: kind, From: from, Until: until, Instruction: instruction}
	// Kinds and instructions of later versions are no fault that a phone must see.
	return a.set(wire.ResponseNotice, arrayNode(
		uintNode(uint64(kind)).named("notice: kind"), uint32Node("notice: from", 0, uint64(from)), uint32Node("notice: until", 0, uint64(until)),
		uintNode(uint64(instruction)).named("notice: instruction"),
	).named("notice"))
}

func (a *answer) receipt() *answer {
	r := unnamed(sampleObject(receiptKind))
	a.told.Receipt = r.data()
	return a.set(wire.ResponseReceipt, r)
}

func (a *answer) slot(v uint32) *answer {
	a.told.Resumption = v
	return a.set(wire.ResponseResumption, number("resumption", 1, 32, uint64(v)))
}

func (a *answer) documents(reasons ...uint32) *answer {
	a.told.Documents = reasons
	return a.set(wire.ResponseDocuments, arrayNode(nodes(reasons, func(v uint32) *node { return uint32Node("document", 0, uint64(v)) })...).named("documents").free())
}

func (a *answer) log(n int) *answer {
	a.told.Log = draw("message/page", n)
	return a.set(wire.ResponseLog, sized("log", a.told.Log))
}

func (a *answer) node() *node { return mapNode(a.fields...).named("response").free() }

// Outcomes, as a response has them.
const (
	outDone        = uint32(wire.OutcomeDone)
	outOpened      = uint32(wire.OutcomeOpened)
	outPending     = uint32(wire.OutcomePending)
	outUnconfirmed = uint32(wire.OutcomeUnconfirmed)
	outRefused     = uint32(wire.OutcomeRefused)
	outFailed      = uint32(wire.OutcomeFailed)
)

func (b messageBuilder) responses() {
	b.kind("response")
	good := func(comment string, a *answer, flags ...string) int {
		told := a.told
		return b.valid(comment, vectors.MessageTest{Data: a.node().data(), Response: &told}, append(flags, "admitted")...)
	}
	kid, other := draw("message/kid", 8), draw("message/kid-2", 8)
	missing := good("missing", responding(0).only().missing(kid))
	good("two key ids missing", responding(0).only().missing(kid, other))
	full := responding(outOpened).state(5, sampleIat, 9).notice(1, sampleIat, sampleExp, 1).receipt().slot(32).documents(0, 41)
	twin := good("opened, with all that goes with it", full)
	page := responding(outDone).state(5, sampleIat, 9).notice(2, 0, 0, 0).documents(0, 5, 31, 35).log(792)
	withPage := good("done, with a sealed page", page)
	good("done, with a page in clear", responding(outDone).state(0, 1, 0).log(768))
	good("done, with a receipt", responding(outDone).state(0, 1, 0).receipt())
	wait := responding(outPending).state(5, sampleIat, 0).charge(40, 700).notice(1, 0, 5, 3).documents(0)
	waiting := good("pending, with all that goes with it", wait)
	good("pending, the ends of charge", responding(outPending).state(max32, max32, max32).charge(100, 10000))
	good("pending, nothing gathered", responding(outPending).state(0, 1, 0).charge(0, 0))
	no := responding(outRefused).reason(31).notice(1, 5, 0, 2).documents(41)
	refusal := good("refused, with all that goes with it", no)
	stuck := responding(outFailed).reason(20).state(5, sampleIat, 9).notice(1, 5, 6, 2).receipt().slot(1).documents(0)
	failure := good("failed, for the drive", stuck)
	good("failed, for the memory", responding(outFailed).reason(19).state(5, sampleIat, 9).documents(19))
	for _, outcome := range []uint32{outDone, outOpened, outUnconfirmed} {
		good(fmt.Sprintf("outcome %d and the state", outcome), responding(outcome).state(1, sampleIat, 0))
	}
	good("refused and the reason", responding(outRefused).reason(13))
	good("a reason that is not known", responding(outRefused).reason(200), "later")
	good("field 11, which is not known", responding(outRefused).reason(1).set(11, mapNode()), "later")
	good("field 0, which is not known", (&answer{told: vectors.Response{Outcome: numberOf(outRefused), Reason: 1}}).set(0, bytesNode(nil)).set(1, uintNode(uint64(outRefused))).set(2, uintNode(1)), "later")
	good("missing, and a field that is not known", responding(0).only().missing(kid).set(200, arrayNode()), "later")
	for _, outcome := range []uint32{6, 7, 255, 256, 65536} {
		a := responding(outcome).set(2, uintNode(1)).set(3, arrayNode(uintNode(1), uintNode(sampleIat), uintNode(0)))
		a.told = vectors.Response{Outcome: numberOf(outUnconfirmed)}
		good(fmt.Sprintf("outcome %d, which is not known", outcome), a, "later")
	}
	for _, c := range []struct {
		twin   int
		answer *answer
		name   string
	}{{twin, full, "opened: "}, {withPage, page, "done: "}, {waiting, wait, "pending: "}, {refusal, no, "refused: "}, {failure, stuck, "failed: "}} {
		b.spoil(c.twin, c.answer.node(), c.name)
	}
	b.spoil(missing, responding(0).only().missing(kid).node(), "missing: ")
	b.cuts(twin, full.node().data())
	b.responsesBad(map[uint32]int{outDone: withPage, outOpened: twin, outUnconfirmed: twin, outPending: waiting, outRefused: refusal, outFailed: failure}, missing)
}

// only takes the outcome away.
func (a *answer) only() *answer { a.fields, a.told = nil, vectors.Response{}; return a }

func (b messageBuilder) responsesBad(twins map[uint32]int, missing int) {
	bad := func(twin int, comment string, a *answer, flags ...string) {
		b.malformed(twin, comment, a.node().data(), flags...)
	}
	of := func(outcome uint32, comment string, a *answer, flags ...string) {
		bad(twins[outcome], fmt.Sprintf("outcome %d: %s", outcome, comment), a, flags...)
	}
	nothing := func() *answer { return responding(0).only() }
	bad(missing, "an empty map", nothing(), "structure")
	bad(missing, "a state without an outcome", nothing().state(1, 1, 1), "structure")
	bad(missing, "no key ids", nothing().missing(), "structure", "limit")
	kid := draw("message/kid", 8)
	bad(missing, "three key ids", nothing().missing(kid, kid, kid), "structure", "limit")
	bad(missing, "missing, and a reason", nothing().reason(6).missing(kid), "structure")
	bad(missing, "missing, and a notice", nothing().missing(kid).notice(1, 0, 0, 0), "structure")
	bad(missing, "missing, and documents", nothing().missing(kid).documents(0), "structure")
	bad(missing, "missing, and refused", responding(outRefused).reason(6).missing(kid), "structure")
	for _, outcome := range []uint32{outDone, outOpened, outUnconfirmed} {
		of(outcome, "without the state", responding(outcome), "structure")
		of(outcome, "a reason", responding(outcome).reason(1).state(1, 1, 1), "structure")
		of(outcome, "a charge", responding(outcome).state(1, 1, 1).charge(1, 1), "structure")
		of(outcome, "key ids", responding(outcome).state(1, 1, 1).missing(kid), "structure")
	}
	of(outDone, "a slot", responding(outDone).state(1, 1, 1).slot(32), "structure")
	for _, outcome := range []uint32{outOpened, outUnconfirmed} {
		of(outcome, "a page", responding(outcome).state(1, 1, 1).log(768), "structure")
	}
	of(outPending, "without the charge", responding(outPending).state(1, 1, 1), "structure")
	of(outPending, "without the state", responding(outPending).charge(1, 1), "structure")
	of(outPending, "a reason", responding(outPending).reason(1).state(1, 1, 1).charge(1, 1), "structure")
	of(outPending, "a receipt", responding(outPending).state(1, 1, 1).charge(1, 1).receipt(), "structure")
	of(outPending, "a slot", responding(outPending).state(1, 1, 1).charge(1, 1).slot(1), "structure")
	of(outPending, "a page", responding(outPending).state(1, 1, 1).charge(1, 1).log(792), "structure")
	of(outRefused, "without a reason", responding(outRefused), "structure")
	of(outRefused, "a state", responding(outRefused).reason(1).state(1, 1, 1), "structure")
	of(outRefused, "a charge", responding(outRefused).reason(1).charge(1, 1), "structure")
	of(outRefused, "a receipt", responding(outRefused).reason(1).receipt(), "structure")
	of(outRefused, "a slot", responding(outRefused).reason(1).slot(1), "structure")
	of(outRefused, "a page", responding(outRefused).reason(1).log(792), "structure")
	of(outFailed, "without a reason", responding(outFailed).state(1, 1, 1), "structure")
	of(outFailed, "without the state", responding(outFailed).reason(20), "structure")
	of(outFailed, "a charge", responding(outFailed).reason(20).state(1, 1, 1).charge(1, 1), "structure")
	of(outFailed, "a page", responding(outFailed).reason(20).state(1, 1, 1).log(768), "structure")
	of(outFailed, "a slot, and not for the drive", responding(outFailed).reason(19).state(1, 1, 1).slot(1), "structure")
	of(outFailed, "a receipt, and not for the drive", responding(outFailed).reason(19).state(1, 1, 1).receipt(), "structure")
	for _, n := range []int{0, 1, 767, 769, 791, 793} {
		of(outDone, fmt.Sprintf("a page of %d bytes", n), responding(outDone).state(1, 1, 1).log(n), "structure", "limit")
	}
	of(outRefused, "no documents", responding(outRefused).reason(1).documents(), "structure", "limit")
	of(outRefused, "five documents", responding(outRefused).reason(1).documents(0, 0, 0, 0, 0), "structure", "limit")
	of(outRefused, "a notice that ends when it begins", responding(outRefused).reason(1).notice(1, 7, 7, 0), "meaning")
	of(outRefused, "a notice that ends before it begins", responding(outRefused).reason(1).notice(1, 7, 6, 0), "meaning")
	of(outRefused, "a notice of the kind 0", responding(outRefused).reason(1).notice(0, 0, 0, 0), "structure")
	of(outRefused, "a notice with roles", responding(outRefused).reason(1).set(6, arrayNode(uintNode(1), uintNode(0), uintNode(0), uintNode(0), uintNode(1))), "structure")
	of(outOpened, "a receipt in a byte string", responding(outOpened).state(1, 1, 1).set(7, bytesNode(sampleObject(receiptKind).data())), "structure")
	of(outOpened, "a map in place of the receipt", responding(outOpened).state(1, 1, 1).set(7, mapNode()), "structure")
	negative := responding(outRefused).reason(1)
	negative.fields = append(negative.fields, []*node{intNode(-1), uintNode(0)})
	of(outRefused, "a negative field", negative, "structure")
	of(outRefused, "fields in another order", nothing().set(2, uintNode(1)).set(1, uintNode(uint64(outRefused))), "encoding")
	of(outUnconfirmed, "an unknown outcome and a state of two numbers", responding(6).set(3, arrayNode(uintNode(1), uintNode(2))), "structure")
	of(outUnconfirmed, "an unknown outcome and a page of 1 byte", responding(6).set(10, bytesNode([]byte{1})), "structure")
	of(outRefused, "an unknown field with null", responding(outRefused).reason(1).set(11, rawNode(0xf6)), "encoding")
	of(outRefused, "an unknown field nested too deep", responding(outRefused).reason(1).set(11, arrays(8)), "limit")
	b.malformed(twins[outRefused], "an array of keys and values", arrayNode(slices.Clone(responding(outRefused).reason(1).node().sub)...).data(), "structure")
}
