package cddl

import "strings"

// Bounds of what is parsed.
const (
	maxText    = 1 << 20 // bytes of a file
	maxNesting = 32      // of brackets, and of rules in rules
)

// parser reads the rules of one file.
type parser struct {
	text    string
	tokens  []token
	off     int
	nesting int
}

// parseFile returns the rules of a file in their order.
func parseFile(file, text string) ([]*rule, error) {
	if len(text) > maxText {
		return nil, place{file, 1}.fail("%d bytes are more than %d", len(text), maxText)
	}
	all, err := tokens(file, text)
	if err != nil {
		return nil, err
	}
	p := parser{text: text, tokens: all}
	var rules []*rule
	for p.peek().kind != tokenEnd {
		r, err := p.rule()
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// peek returns the next token.
func (p *parser) peek() token { return p.tokens[p.off] }

// ahead returns the sign after the next token, or "".
func (p *parser) ahead() string {
	if p.off+1 >= len(p.tokens) {
		return ""
	}
	return p.sign(p.tokens[p.off+1])
}

// take returns the next token and passes over it.  The end stays.
func (p *parser) take() token {
	t := p.tokens[p.off]
	if t.kind != tokenEnd {
		p.off++
	}
	return t
}

// sign returns the token's sign, or "".
func (p *parser) sign(t token) string {
	if t.kind != tokenMark && t.kind != tokenControl {
		return ""
	}
	return p.text[t.start:t.end]
}

// accept passes over the sign, if it is next.
func (p *parser) accept(sign string) bool {
	if p.sign(p.peek()) != sign {
		return false
	}
	p.off++
	return true
}

// expect passes over the sign, which must be next.
func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return p.missing(`"` + sign + `"`)
	}
	return nil
}

// missing says what should be next.
func (p *parser) missing(what string) error {
	t := p.peek()
	found := p.text[t.start:t.end]
	if t.kind == tokenEnd {
		found = "the end of the file"
	}
	return t.place.fail("expected %s, found %s", what, found)
}

// since returns the source from the token on that begins there.
func (p *parser) since(begin int) source {
	first, last := p.tokens[begin], p.tokens[max(begin, p.off-1)]
	return source{first.place, oneLine(p.text[first.start:last.end])}
}

// oneLine returns the definition without comments and line breaks, and cut off
// where it is long.
func oneLine(text string) string {
	const most = 120
	var words []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, ";")
		words = append(words, strings.Fields(line)...)
	}
	text = strings.Join(words, " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// deeper counts a bracket that opens.
func (p *parser) deeper() error {
	if p.nesting++; p.nesting > maxNesting {
		return p.peek().place.fail("more than %d brackets in each other", maxNesting)
	}
	return nil
}

// rule reads name = type, or name = group.
func (p *parser) rule() (*rule, error) {
	t := p.peek()
	if t.kind != tokenName {
		return nil, p.missing("the name of a rule")
	}
	p.take()
	r := &rule{place: t.place, name: p.text[t.start:t.end]}
	if err := p.expect("="); err != nil {
		return nil, err
	}
	e, err := p.entry()
	switch {
	case err != nil:
		return nil, err
	case e.plain():
		r.value = e.value
	case e.value == nil && e.least == 1 && e.most == 1:
		r.group = e.group
	default:
		return nil, e.fail("a rule for an entry without parentheses around it")
	}
	return r, nil
}

// groupUntil reads entries up to the sign that ends them, and the sign.
func (p *parser) groupUntil(end string) (*group, error) {
	begin := p.off
	if err := p.deeper(); err != nil {
		return nil, err
	}
	g := new(group)
	for p.sign(p.peek()) != end {
		e, err := p.entry()
		if err != nil {
			return nil, err
		}
		g.entries = append(g.entries, e)
		if !p.accept(",") && p.sign(p.peek()) != end {
			return nil, p.missing(`"," or "` + end + `"`)
		}
	}
	p.take()
	g.source = p.since(begin - 1) // with the brackets
	p.nesting--
	return g, nil
}

// entry reads one entry.
func (p *parser) entry() (entry, error) {
	begin := p.off
	e := entry{least: 1, most: 1}
	if t := p.peek(); t.kind == tokenOccur {
		e.least, e.most = t.least, t.most
		p.take()
	}
	var err error
	if p.ahead() == ":" && p.peek().kind != tokenMark {
		err = p.labelled(&e)
	} else {
		err = p.unlabelled(&e)
	}
	e.source = p.since(begin)
	return e, err
}

// labelled reads a key with a colon, and a type.
func (p *parser) labelled(e *entry) (err error) {
	if e.key, err = p.label(); err != nil {
		return err
	}
	e.label, e.cut = true, true
	p.take()
	e.value, err = p.choice(p.off, nil)
	return err
}

// label reads the name or the value before a colon.
func (p *parser) label() (node, error) {
	begin := p.off
	t := p.peek()
	if t.kind != tokenName {
		return p.type2()
	}
	p.take()
	return &literal{p.since(begin), item{kind: kindText, content: []byte(p.text[t.start:t.end])}}, nil
}

// unlabelled reads a type, a key with => and a type, or a group.
func (p *parser) unlabelled(e *entry) (err error) {
	begin := p.off
	var first node
	if p.accept("(") {
		g, err := p.groupUntil(")")
		if err != nil {
			return err
		}
		if len(g.entries) != 1 || !g.entries[0].plain() {
			e.group = g
			return nil
		}
		first = p.inParentheses(begin, g.entries[0].value)
	}
	if first, err = p.type1(begin, first); err != nil {
		return err
	}
	cut := p.accept("^")
	switch {
	case p.accept("=>"):
		e.key, e.cut = first, cut
		e.value, err = p.choice(p.off, nil)
	case cut:
		return p.missing(`"=>"`)
	default:
		e.value, err = p.choice(begin, first)
	}
	return err
}

// inParentheses returns the type with the parentheses in its text.
func (p *parser) inParentheses(begin int, n node) node {
	if c, ok := n.(*choice); ok {
		c.source = p.since(begin)
	}
	return n
}

// choice reads a type, the first of whose choices may have been read already
// from begin on.
func (p *parser) choice(begin int, first node) (node, error) {
	var err error
	if first == nil {
		if first, err = p.type1(begin, nil); err != nil {
			return nil, err
		}
	}
	of := []node{first}
	for p.accept("/") {
		n, err := p.type1(p.off, nil)
		if err != nil {
			return nil, err
		}
		of = append(of, n)
	}
	if len(of) == 1 {
		return first, nil
	}
	return &choice{p.since(begin), of}, nil
}

// type1 reads one of a choice of types, whose beginning may have been read
// already from begin on.
func (p *parser) type1(begin int, first node) (node, error) {
	if first == nil {
		var err error
		if first, err = p.type2(); err != nil {
			return nil, err
		}
	}
	t := p.peek()
	switch {
	case p.accept(".."):
		return p.span(begin, first)
	case t.kind == tokenControl:
		p.take()
		return p.control(begin, p.sign(t), first)
	}
	return first, nil
}

// span reads the end of a range.
func (p *parser) span(begin int, low node) (node, error) {
	high, err := p.type2()
	if err != nil {
		return nil, err
	}
	from, ok1 := low.(*literal)
	to, ok2 := high.(*literal)
	s := &span{source: p.since(begin)}
	if !ok1 || !ok2 || from.value.kind > kindNint || to.value.kind > kindNint {
		return nil, s.fail("a range is from an integer to an integer")
	}
	s.low, s.high = from.value.integer(), to.value.integer()
	if s.high.less(s.low) {
		return nil, s.fail("the range %s holds nothing", s.text)
	}
	return s, nil
}

// control reads what follows .size, .cbor or .cborseq.
func (p *parser) control(begin int, sign string, target node) (node, error) {
	argument, err := p.type2()
	if err != nil {
		return nil, err
	}
	s := p.since(begin)
	b, ok := target.(*basic)
	str := ok && (b.text == "bstr" || b.text == "bytes")
	switch {
	case sign == ".size" && (str || ok && (b.text == "tstr" || b.text == "text")):
		return &sized{s, target, argument}, nil
	case sign == ".cbor" && str:
		return &holding{source: s, target: target, content: argument}, nil
	case sign == ".cborseq" && str:
		sequence, ok := argument.(*array)
		if !ok {
			return nil, s.fail(".cborseq takes an array, written out")
		}
		return &holding{source: s, target: target, sequence: sequence}, nil
	case sign == ".size", sign == ".cbor", sign == ".cborseq":
		return nil, s.fail("%s of %s is outside the part of CDDL in use", sign, target.origin().text)
	}
	return nil, s.fail("%s is outside the part of CDDL in use", sign)
}

// type2 reads a value, a name, or a type in brackets.
func (p *parser) type2() (node, error) {
	begin := p.off
	t := p.take()
	switch t.kind {
	case tokenInteger:
		return &literal{p.since(begin), t.integer.item()}, nil
	case tokenText:
		return &literal{p.since(begin), item{kind: kindText, content: t.content}}, nil
	case tokenBytes:
		return &literal{p.since(begin), item{kind: kindBytes, content: t.content}}, nil
	case tokenName:
		name := p.text[t.start:t.end]
		if is, ok := basics[name]; ok {
			return &basic{p.since(begin), is}, nil
		}
		return &reference{source: p.since(begin), name: name}, nil
	}
	switch p.sign(t) {
	case "(":
		g, err := p.groupUntil(")")
		if err != nil {
			return nil, err
		}
		if len(g.entries) != 1 || !g.entries[0].plain() {
			return nil, p.since(begin).fail("a type is expected, and %s is a group", p.since(begin).text)
		}
		return p.inParentheses(begin, g.entries[0].value), nil
	case "[":
		g, err := p.groupUntil("]")
		return &array{p.since(begin), g}, err
	case "{":
		g, err := p.groupUntil("}")
		return &table{p.since(begin), g}, err
	}
	if t.kind != tokenEnd {
		p.off--
	}
	return nil, p.missing("a type")
}

// item returns the integer as an item.
func (a integer) item() item {
	if a.negative {
		return item{kind: kindNint, arg: a.n}
	}
	return item{kind: kindUint, arg: a.n}
}

// integer returns the value of an item that is an integer.
func (it *item) integer() integer { return integer{it.kind == kindNint, it.arg} }
