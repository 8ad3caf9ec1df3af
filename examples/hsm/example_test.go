package hsm_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/postern-lock/postern/credential"
	"github.com/postern-lock/postern/examples/hsm"
	"github.com/postern-lock/postern/issuer"
)

// An operator's backend opens its token once, and grants with the key in it.
func Example() {
	module, err := hsm.Load("/usr/lib/softhsm/libsofthsm2.so")
	if err != nil {
		log.Fatal(err)
	}
	token, err := hsm.Open(module, hsm.Config{
		Label: "post",
		PIN: func() (string, error) { // asked at every log-in
			pin, err := os.ReadFile("/run/credentials/post/pin")
			return strings.TrimSpace(string(pin)), err
		},
		Sessions: 4,
		Patience: 10 * time.Second,
	})
	if err != nil {
		log.Fatal(err)
	}
	key, err := token.Find(hsm.Name{Label: "post key"})
	if err != nil {
		log.Fatal(err)
	}
	var authority *credential.Authority // verified, as in the example of package issuer
	post, err := issuer.NewOperator(key, authority)
	if err != nil {
		log.Fatal(err)
	}
	_, err = post.Grant(credential.GrantClaims{})
	if errors.Is(err, hsm.ErrSilent) {
		fmt.Println("the module hangs: nothing was signed that anybody has")
	}
}
