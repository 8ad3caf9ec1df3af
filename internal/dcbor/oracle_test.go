package dcbor

import (
	"bytes"
	"sort"
)

// The oracle decides slowly and in another way than the scan: it builds a tree
// by the plain rules of RFC 8949, without a thought of determinism, writes the
// tree in its canonical form, and compares. It shares no code with the package.

type oracleNode struct {
	major    byte
	arg      uint64
	bytes    []byte
	children []*oracleNode // of a map: key, value, key, value
}

// oracleAccepts reports whether data is exactly one item that the standard
// admits.
func oracleAccepts(data []byte) bool {
	node, rest := oracleParse(data, 1)
	return node != nil && len(rest) == 0 && bytes.Equal(oracleEncode(node), data)
}

func oracleParse(data []byte, level int) (*oracleNode, []byte) {
	if len(data) == 0 {
		return nil, nil
	}
	node := &oracleNode{major: data[0] / 32, arg: uint64(data[0] % 32)}
	data = data[1:]
	if node.major == 3 || node.major == 6 || node.major == 7 && node.arg != 20 && node.arg != 21 || node.arg > 27 {
		return nil, nil
	}
	if node.arg >= 24 {
		size := []int{1, 2, 4, 8}[node.arg-24]
		if len(data) < size {
			return nil, nil
		}
		node.arg = 0
		for _, b := range data[:size] {
			node.arg = node.arg*256 + uint64(b)
		}
		data = data[size:]
	}
	switch node.major {
	case 2:
		if node.arg > uint64(len(data)) {
			return nil, nil
		}
		node.bytes = data[:node.arg]
		return node, data[node.arg:]
	case 4, 5:
		return oracleChildren(node, data, level)
	}
	return node, data
}

func oracleChildren(node *oracleNode, data []byte, level int) (*oracleNode, []byte) {
	if node.arg > 32 || level > 8 {
		return nil, nil
	}
	n := int(node.arg)
	if node.major == 5 {
		n *= 2
	}
	for range n {
		var child *oracleNode
		if child, data = oracleParse(data, level+1); child == nil {
			return nil, nil
		}
		node.children = append(node.children, child)
	}
	return node, data
}

// oracleEncode writes a tree with the shortest heads, and maps sorted and
// without duplicates.
func oracleEncode(node *oracleNode) []byte {
	if node.major == 7 {
		return []byte{0xe0 | byte(node.arg)}
	}
	var parts []string
	for _, child := range node.children {
		parts = append(parts, string(oracleEncode(child)))
	}
	count := node.arg
	if node.major == 5 {
		pairs := map[string]string{}
		for i := 0; i < len(parts); i += 2 {
			pairs[parts[i]] = parts[i+1]
		}
		var keys []string
		for key := range pairs {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		parts = nil
		for _, key := range keys {
			parts = append(parts, key, pairs[key])
		}
		count = uint64(len(keys))
	}
	out := oracleHead(node.major, count)
	out = append(out, node.bytes...)
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

func oracleHead(major byte, arg uint64) []byte {
	if arg < 24 {
		return []byte{major*32 + byte(arg)}
	}
	size, info := 8, byte(27)
	for size > 1 && arg>>(8*size/2) == 0 {
		size, info = size/2, info-1
	}
	out := []byte{major*32 + info}
	for i := size - 1; i >= 0; i-- {
		out = append(out, byte(arg>>(8*i)))
	}
	return out
}
