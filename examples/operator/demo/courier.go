package demo

import (
	"context"
	"time"

	"github.com/postern-lock/postern/credential"
)

// bringParcels walks the street for the carrier of parcels, with a grant of the day
// and nothing for anybody's lock: the carrier has no service here.
func (v *visitor) bringParcels(ctx context.Context) (Walk, error) {
	s := v.street
	now := s.Clock.Now()
	grant, err := s.Carrier.Grant(credential.GrantClaims{
		Holder: v.phone.Key.PublicKey(), IssuedAt: credential.At(now), Expires: credential.At(now.Add(8 * time.Hour)),
		Scope: []credential.Entry{{Target: credential.AreaTarget([]byte(Round)), Service: credential.ServiceParcel, Actions: credential.ActionDeliver}},
	})
	if err != nil {
		return Walk{}, err
	}
	walk := Walk{At: now.Unix()}
	for _, b := range s.Boxes {
		_, visit, err := v.visit(ctx, b, load{grant: grant, authorities: [][]byte{s.Carrier.Authority().Bytes()}})
		if err != nil {
			return walk, err
		}
		walk.Visits = append(walk.Visits, visit)
	}
	return walk, nil
}
