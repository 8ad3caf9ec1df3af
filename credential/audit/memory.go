package audit

import "sync"

// memory remembers findings by what names them, at most so many.  When half of
// that is new, what nobody asked for since the last time is forgotten.
type memory struct {
	most     int
	lock     sync.Mutex
	new, old map[[32]byte]*finding
}

// at returns the finding with the name, an empty one where there is none.
func (m *memory) at(name [32]byte) *finding {
	m.lock.Lock()
	defer m.lock.Unlock()
	if f, ok := m.new[name]; ok {
		return f
	}
	f, ok := m.old[name]
	if !ok {
		f = new(finding)
	}
	if m.new == nil || len(m.new) >= max(m.most/2, 1) {
		m.old, m.new = m.new, map[[32]byte]*finding{}
	}
	m.new[name] = f
	return f
}
