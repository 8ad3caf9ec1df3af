package cddl_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-lock/postern/spec/cddl"
)

// parse parses one file.
func parse(t testing.TB, text string) *cddl.Schema {
	t.Helper()
	s, err := cddl.Parse(map[string]string{"a.cddl": text})
	require.NoError(t, err)
	return s
}

// b reads hexadecimal.
func b(t testing.TB, digits string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	require.NoError(t, err)
	return data
}

// Definitions of RFC 8610 that fall in the part in use, with data for them; and
// some for what they do not show.
func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name, text, rule string
		good, bad        []string
	}{
		{"RFC 8610, section 2.1.2, figure 4",
			"pii = (age: int, name: tstr, employer: tstr)\nperson = {age: int, name: tstr, employer: tstr}", "person",
			[]string{"a3 63616765 01 646e616d65 6141 68656d706c6f796572 6142"},
			[]string{"a2 63616765 01 646e616d65 6141", "a3 63616765 6141 646e616d65 6141 68656d706c6f796572 6142", "83 01 6141 6142",
				"a4 63616765 01 646e616d65 6141 68656d706c6f796572 6142 01 01"}},
		{"RFC 8610, section 2.2.2, a choice of types",
			"protocol = 6 / 17", "protocol", []string{"06", "11"}, []string{"07", "26", "4106", "c106"}},
		{"RFC 8610, section 2.2.2.1, ranges",
			"max-byte = 0..255", "max-byte", []string{"00", "18ff"}, []string{"190100", "20", "40"}},
		{"RFC 8610, section 3.2, occurrences in an array",
			"unlimited-people = [* person]\none-or-two-people = [1*2 person]\nat-least-two-people = [2* person]\nperson = uint", "one-or-two-people",
			[]string{"8101", "820102"}, []string{"80", "83010203", "8120", "01"}},
		{"section 3.2, at least two",
			"at-least-two-people = [2* uint]", "at-least-two-people", []string{"820102", "83010203"}, []string{"8101", "80", "820120"}},
		{"RFC 8610, section 3.5.2, a table with other keys",
			"square-roots = {* int => text}", "square-roots", []string{"a0", "a10161 61", "a2016161 026162"}, []string{"a1616101", "a10101", "80"}},
		{"RFC 8610, section 3.5.4, cuts: the key is taken by its entry",
			`extensible-map-example = { ? "optional-key" ^ => int, * tstr => any }`, "extensible-map-example",
			[]string{"a0", "a16c6f7074696f6e616c2d6b6579 01", "a16161 6162"}, []string{"a16c6f7074696f6e616c2d6b6579 6162"}},
		{"RFC 8610, section 3.5.4, without a cut the other entry takes it",
			`extensible-map-example = { ? "optional-key" => int, * tstr => any }`, "extensible-map-example",
			[]string{"a16c6f7074696f6e616c2d6b6579 01", "a16c6f7074696f6e616c2d6b6579 6162"}, []string{"a10101"}},
		{"RFC 8610, section 3.5.4, a colon is a cut",
			`m = { ? "optional-key": int, * tstr => any }`, "m", []string{"a16c6f7074696f6e616c2d6b6579 01"}, []string{"a16c6f7074696f6e616c2d6b6579 6162"}},
		{"RFC 8610, section 3.8.1, size of strings",
			"full-address = [[+ label], ip4, ip6]\nip4 = bstr .size 4\nip6 = bstr .size 16\nlabel = bstr .size (1..63)", "full-address",
			[]string{"83 814161 4401020304 5001020304050607080910111213141516"},
			[]string{"83 80 4401020304 5001020304050607080910111213141516", "83 8140 4401020304 5001020304050607080910111213141516",
				"83 814161 43010203 5001020304050607080910111213141516", "83 814161 6401020304 5001020304050607080910111213141516"}},
		{"RFC 8610, section 3.8.4, CBOR in a byte string",
			"m = bytes .cbor [* uint]", "m", []string{"4180", "43820102"}, []string{"40", "428080", "418120", "4181", "80", "41a0"}},
		{"RFC 8742, section 4.1, a sequence in a byte string",
			"m = bytes .cborseq [1, * bstr]", "m", []string{"4101", "420140"}, []string{"40", "4102", "420101", "428101", "4181"}},
		{"a sequence", "m = (a: uint, ? b: tstr, rest)\nrest = (* bool,)", "m",
			[]string{"01", "016161", "01f4f5", "016161f4"}, []string{"", "20", "01f400", "0161 61 6161", "01f6"}},
		{"groups in parentheses", "m = [1*2 (uint, bstr), ? true]", "m", []string{"820140", "8401400240", "830140f5"}, []string{"80", "8101", "86014002400340", "830140f4"}},
		{"a group of nothing repeats", "m = [3* (* uint), tstr]", "m", []string{"816161", "83010261 61"}, []string{"80", "8101"}},
		{"occurrences do not give back", "m = [* uint, uint]", "m", nil, []string{"80", "8101", "820101"}},
		{"exact number", "m = [2*2 uint]", "m", []string{"820101"}, []string{"8101", "83010101"}},
		{"integers at both ends", "m = -18446744073709551616 / 18446744073709551615 / -1..0x10", "m",
			[]string{"1bffffffffffffffff", "3bffffffffffffffff", "20", "00", "10"}, []string{"11", "21", "3bfffffffffffffffe", "1bfffffffffffffffe"}},
		{"byte string literals", "m = h'00fF' / h''", "m", []string{"4200ff", "40"}, []string{"4100", "60", "00"}},
		{"any", "m = [any, nint, bytes, text, false]", "m", []string{"85 c100 20 40 60 f4", "85 f90000 20 40 60 f4", "85 9fff 20 40 60 f4"}, []string{"85 00 00 40 60 f4", "85 00 20 60 60 f4"}},
		{"sizes by a list", "m = tstr .size (1 / 3..4)", "m", []string{"6161", "63616161"}, []string{"60", "626161", "656161616161", "4161"}},
		{"keys of a map are types", "m = { 1*2 (1 / 2..3) => uint, + bstr => bool }", "m", []string{"a20101 40f4", "a4 0101 0201 40f4 4100f4"},
			[]string{"a10101", "a140f4", "a4010102010301 40f4", "a2010140 01", "a20401 40f4"}},
		{"lengths that are indefinite or not shortest", "m = [* uint / bstr]", "m", []string{"9f01ff", "9fff", "811801", "815f41014102ff", "9b000000000000000101"},
			[]string{"9f01", "815f6161ff", "ff", "5f5f41ffffff", "81 5f 01 ff"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := parse(t, c.text)
			for _, good := range c.good {
				require.NoError(t, s.Validate(c.rule, b(t, good)), good)
			}
			for _, bad := range c.bad {
				require.Error(t, s.Validate(c.rule, b(t, bad)), bad)
			}
		})
	}
}

func TestDataThatAreNoItem(t *testing.T) {
	s := parse(t, "m = any")
	deep := strings.Repeat("81", 70) + "00"
	for _, bad := range []string{
		"", "0000", "18", "1c", "1f", "3f", "41", "5b7fffffffffffffff", "61ff", "81", "9b7fffffffffffffff", "a101", "bb7fffffffffffffff", "a201010101",
		"a2 01 00 1801 00", "a2 4161 00 5f4161ff 00", "c1", "df00", "f8", "f810", "fc", "ff", "fb00", "bf01ff", "9f", "7f4161ff", deep,
	} {
		require.ErrorIs(t, s.Validate("m", b(t, bad)), cddl.ErrMalformed, bad)
	}
	for _, good := range []string{"f7", "f0", "f8ff", "f90000", "fa00000000", "fb0000000000000000", "c24101", "bf0102ff", "7f61616161ff", "a2010020 00"} {
		require.NoError(t, s.Validate("m", b(t, good)), good)
	}
	require.ErrorIs(t, s.Validate("m", make([]byte, 1<<16+1)), cddl.ErrMalformed)
	require.ErrorIs(t, s.Validate("n", []byte{0}), cddl.ErrNoRule)
}

// A mismatch names the place in the data, the rule and its line, and what stands
// there.
func TestMismatchSaysWhere(t *testing.T) {
	s, err := cddl.Parse(map[string]string{"one.cddl": "m = [uint, { 4 => held }]\n", "two.cddl": "; text\nheld = bstr .cbor [* inner]\ninner = bool /\n  [tag: 2, lock-id] / [3]\nlock-id = bstr .size 8\n"})
	require.NoError(t, err)
	require.NoError(t, s.Validate("m", b(t, "8200a1044482f48103")))
	for _, c := range []struct {
		data string
		want cddl.Mismatch
	}{
		{"8200a1044e82f4820249000000000000000000", cddl.Mismatch{"$[1]{4}<>[1][1]", "lock-id", "two.cddl", 5, "bstr .size 8", "one of 9 bytes"}},
		{"8200a1044382f407", cddl.Mismatch{"$[1]{4}<>[1]", "inner", "two.cddl", 3, "bool / [tag: 2, lock-id] / [3]", "7"}},
		{"8200a10407", cddl.Mismatch{"$[1]{4}", "held", "two.cddl", 2, "bstr .cbor [* inner]", "7"}},
		{"8200a1044107", cddl.Mismatch{"$[1]{4}<>", "held", "two.cddl", 2, "[* inner]", "7"}},
		{"8200a10507", cddl.Mismatch{"$[1]", "m", "one.cddl", 1, "4 => held", "a map without it"}},
		{"8200a2044180 0500", cddl.Mismatch{"$[1]{5}", "m", "one.cddl", 1, "nothing more than { 4 => held }", "a key that is none of these"}},
		{"8100", cddl.Mismatch{"$[1]", "m", "one.cddl", 1, "{ 4 => held }", "nothing"}},
		{"8300a104418000", cddl.Mismatch{"$[2]", "m", "one.cddl", 1, "nothing more than [uint, { 4 => held }]", "0"}},
		{"8200a10443818102", cddl.Mismatch{"$[1]{4}<>[0][1]", "inner", "two.cddl", 4, "lock-id", "nothing"}},
	} {
		err := s.Validate("m", b(t, c.data))
		var m *cddl.Mismatch
		require.ErrorAs(t, err, &m, c.data)
		require.Equal(t, c.want, *m, c.data)
		require.Contains(t, err.Error(), m.Path+": rule "+m.Rule)
	}
}

// Whatever is not CDDL, or not of the part in use, is refused where it stands.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ text, fault string }{
		{"m = ", "a.cddl:1: expected a type, found the end of the file"},
		{"\n\nm", `a.cddl:3: expected "=", found the end of the file`},
		{"= uint", "expected the name of a rule, found ="},
		{"5 = uint", "expected the name of a rule, found 5"},
		{"m = uint uint", `expected "=", found the end`},
		{"m = [uint bstr]", `expected "," or "]", found bstr`},
		{"m = [uint", `expected "," or "]"`},
		{"m = {1 ^ uint}", `expected "=>", found uint`},
		{"m = (uint, bstr)\nn = [1, m / 2]", "a.cddl:2: a type is expected, and m is a group"},
		{"m = (uint, bstr)\nn = m", "a type is expected, and m is a group"},
		{"m = (uint, bstr) .size 3", `expected the name of a rule`},
		{"m = bstr .cbor (uint, uint)", "a type is expected, and (uint, uint) is a group"},
		{"m = ? uint", "a rule for an entry without parentheses"},
		{"m = 1 => uint", "a rule for an entry without parentheses"},
		{"m = n", "a.cddl:1: nothing defines n"},
		{"m = [k: n]", "nothing defines n"},
		{"m = uint\n\nm = bstr", "a.cddl:3: the rule m is defined in a.cddl:1 already"},
		{"uint = 5", "the name uint has its meaning from RFC 8610, appendix D"},
		{"time = uint", "the name time has its meaning from RFC 8610, appendix D"},
		{"m = float", "float is outside the part of CDDL in use"},
		{"m = [m]", "the rule m leads back to itself"},
		{"m = [n]\nn = {1 => o}\no = bstr .cbor m", "leads back to itself"},
		{"m = {uint}", `a map takes pairs with keys, and "uint" is none`},
		{"m = {g}\ng = (1: uint)", "a map takes pairs with keys"},
		{"m = {1 => g}\ng = (1: uint)", "a type is expected, and g is a group"},
		{"m = [1 => uint]", "a key with => has no meaning in an array"},
		{"m = (1 => uint)", "a key with => has no meaning in an array"},
		{"m = 2..1", "the range 2..1 holds nothing"},
		{"m = 2..n\nn = 3", "a range is from an integer to an integer"},
		{`m = "a".."b"`, "a range is from an integer to an integer"},
		{"m = 1...5", "... is a range without its end"},
		{"m = uint .size 4", ".size of uint is outside the part of CDDL in use"},
		{"m = tstr .cbor uint", ".cbor of tstr is outside"},
		{"m = bstr .cborseq uint", ".cborseq takes an array"},
		{"m = bstr .size -1", "a size is made of unsigned integers"},
		{"m = bstr .size uint", "a size is made of unsigned integers"},
		{"m = tstr .regexp \"a\"", ".regexp is outside the part of CDDL in use"},
		{"m = uint .and 5", ".and is outside the part of CDDL in use"},
		{"m = uint\nm /= bstr", "a.cddl:2: /= is an addition to a type"},
		{"m //= (uint)", "//= is an addition to a group"},
		{"m = [uint // bstr]", "// is a choice of groups"},
		{"m = $socket", "$ is a socket"},
		{"m<t> = [t]", "< is a generic rule"},
		{"m = #6.1(uint)", "# is a tag or a major type"},
		{"m = ~n", "~ is unwrapping"},
		{"m = &(a: 1)", "& is a choice from a group"},
		{"m = 'text'", "' is a byte string as text"},
		{"m = b64'AA'", "a byte string is written in hexadecimal"},
		{"m = h'0'", "h'0' is not hexadecimal"},
		{"m = h'00", "the byte string has no end"},
		{`m = "a`, "the text string has no end"},
		{`m = "\n"`, "the text string has no end"},
		{"m = 1.5", "is no integer"}, {"m = 1e5", "is no integer"}, {"m = 007", "is no integer"}, {"m = -0", "is no integer"},
		{"m = 18446744073709551616", "is no integer"}, {"m = -18446744073709551617", "is no integer"}, {"m = -", "is no integer"}, {"m = 0x", "is no integer"},
		{"m = [3*2 uint]", "occurs more often at least than at most"},
		{"m = [0*4294967296 uint]", "is no occurrence"},
		{"m = [! uint]", `'!' has no meaning here`},
		{"m =\tuint", `'\t' has no meaning here`},
		{"m = \xff", "not UTF-8"},
		{"m = " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "more than 32 brackets"},
		{strings.Repeat(";", 1<<20+1), "bytes are more than"},
	} {
		_, err := cddl.Parse(map[string]string{"a.cddl": c.text})
		require.ErrorIs(t, err, cddl.ErrDefinition, "%.60q", c.text)
		require.Contains(t, err.Error(), c.fault, "%.60q", c.text)
		var d *cddl.DefinitionError
		require.True(t, errors.As(err, &d))
	}
}

func TestChainsOfRulesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 40 {
		text.WriteString("r" + strings.Repeat("a", i) + " = [r" + strings.Repeat("a", i+1) + "]\n")
	}
	text.WriteString("r" + strings.Repeat("a", 40) + " = uint\n")
	_, err := cddl.Parse(map[string]string{"a.cddl": text.String()})
	require.ErrorContains(t, err, "more than 32 rules use each other")
}

// Alternatives that lead to the same alternatives do not take ever more work.
func TestWorkIsBounded(t *testing.T) {
	var text strings.Builder
	for i := range 25 {
		next := "r" + strings.Repeat("a", i+1)
		text.WriteString("r" + strings.Repeat("a", i) + " = [" + next + "] / [" + next + "]\n")
	}
	text.WriteString("r" + strings.Repeat("a", 25) + " = 5\n")
	err := parse(t, text.String()).Validate("r", b(t, strings.Repeat("81", 25)+"06"))
	require.ErrorIs(t, err, cddl.ErrMalformed)
	require.ErrorContains(t, err, "steps")
}

func TestRulesNameWhatTheyUse(t *testing.T) {
	rules := parse(t, "m = [n, n, (o)]\n\nn = uint\no = (n, 1)\n").Rules()
	require.Equal(t, []cddl.Rule{
		{Name: "m", File: "a.cddl", Line: 1, Uses: []string{"n", "o"}},
		{Name: "n", File: "a.cddl", Line: 3, Uses: []string{}},
		{Name: "o", File: "a.cddl", Line: 4, Sequence: true, Uses: []string{"n"}},
	}, rules)
}

// FuzzValidate takes data for the standard's own rules.
func FuzzValidate(f *testing.F) {
	defined := schema(f)
	rules := defined.Rules()
	for _, s := range distinct(append(objects(f), taps(f)...)) {
		for i, r := range rules {
			if r.Name == s.rule {
				f.Add(uint8(i), s.data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, rule uint8, data []byte) {
		name := rules[int(rule)%len(rules)].Name
		err := defined.Validate(name, data)
		if read := readers[name]; read != nil && err != nil {
			require.Error(t, read(data), "%v", err)
		}
	})
}

// FuzzParse takes definitions, and data for each of their rules.
func FuzzParse(f *testing.F) {
	f.Add("m = [1*2 (uint, bstr), ? true] / { ? 1 ^ => bstr .cbor n }\nn = tstr .size (1 / 3..4)", []byte{0x80})
	f.Add("m = (a: uint, ? b: tstr, rest)\nrest = (* bool,)", []byte{1, 0xf4})
	f.Add("m = bytes .cborseq [1, * bstr]", []byte{0x42, 1, 0x40})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		s, err := cddl.Parse(map[string]string{"a.cddl": text})
		if err != nil {
			require.ErrorIs(t, err, cddl.ErrDefinition)
			return
		}
		for _, r := range s.Rules()[:min(8, len(s.Rules()))] {
			if err := s.Validate(r.Name, data); err != nil {
				require.NotEmpty(t, err.Error())
			}
		}
	})
}
