package dcbor

import "testing"

func BenchmarkUnmarshalGrant(b *testing.B) {
	grant := sampleGrant(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := unmarshalGrant(grant); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadGrant(b *testing.B) {
	grant := sampleGrant(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := readGrant(grant); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCodecGrant is the codec alone, without scan and comparison.
func BenchmarkCodecGrant(b *testing.B) {
	grant := sampleGrant(b)
	b.ReportAllocs()
	for b.Loop() {
		var outer sign1
		var header protected
		var payload claims
		var scope []entry
		_ = decMode.Unmarshal(grant, &outer)
		_ = decMode.Unmarshal(outer.Protected, &header)
		_ = decMode.Unmarshal(outer.Payload, &payload)
		if err := decMode.Unmarshal(payload.Scope, &scope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScanGrant(b *testing.B) {
	grant := sampleGrant(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := check(grant); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshalGrant(b *testing.B) {
	var outer sign1
	if err := Unmarshal(sampleGrant(b), &outer); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Marshal(&outer); err != nil {
			b.Fatal(err)
		}
	}
}
