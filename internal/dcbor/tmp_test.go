package dcbor
import ("testing";"bytes";"sync")
var tmpPool = sync.Pool{New: func() any { return new(bytes.Buffer)}}
var tmpEM,_ = encOptions().UserBufferEncMode()
func un2(data []byte, v any) error {
	if err := check(data); err != nil { return err }
	if err := decMode.Unmarshal(data, v); err != nil { return err }
	b := tmpPool.Get().(*bytes.Buffer); b.Reset()
	err := tmpEM.MarshalToBuffer(v, b)
	ok := bytes.Equal(b.Bytes(), data)
	tmpPool.Put(b)
	if err != nil || !ok { return fail(ErrType,"x",0)}
	return nil
}
func ug2(grant []byte, un func([]byte, any) error) error {
	var outer sign1
	if err := un(grant, &outer); err != nil {
		return err
	}
	var header protected
	if err := un(outer.Protected, &header); err != nil {
		return err
	}
	var payload claims
	if err := un(outer.Payload, &payload); err != nil {
		return err
	}
	var scope []entry
	return un(payload.Scope, &scope)
}
func BenchmarkTmpPool(b *testing.B){ g:=sampleGrant(b); b.ReportAllocs(); for b.Loop(){ if ug2(g,un2)!=nil {b.Fatal()}}}
func BenchmarkTmpNow(b *testing.B){ g:=sampleGrant(b); b.ReportAllocs(); for b.Loop(){ if ug2(g,Unmarshal)!=nil {b.Fatal()}}}
func BenchmarkTmpInner(b *testing.B){ g:=sampleGrant(b); b.ReportAllocs(); for b.Loop(){ if ug2(g,unmarshal)!=nil {b.Fatal()}}}
