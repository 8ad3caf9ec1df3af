package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/postern-lock/postern/conformance"
	"github.com/postern-lock/postern/conformance/certificate"
)

// image are the flags that name a build.
type image struct{ file, digest string }

func (i *image) flags(f *flag.FlagSet, prefix, of string) {
	f.StringVar(&i.file, prefix+"firmware", "", "`file` with the image of "+of)
	f.StringVar(&i.digest, prefix+"firmware-sha256", "", "instead of the file its SHA-256, in `hexadecimal digits`")
}

// sum returns the digest.
func (i *image) sum() (string, error) {
	switch {
	case (i.file == "") == (i.digest == ""):
		return "", fmt.Errorf("%w: give the image by --firmware FILE or by --firmware-sha256 DIGITS", errUsage)
	case i.digest != "":
		return i.digest, nil
	}
	f, err := os.Open(i.file)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errUsage, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%w: %w", errUsage, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// evidence are the flags that name what a run left.
type evidence struct {
	report, profile string
	image           image
}

func (e *evidence) flags(f *flag.FlagSet, prefix, of string) {
	f.StringVar(&e.report, prefix+"report", "", "`file` that run --report wrote of "+of)
	f.StringVar(&e.profile, prefix+"profile", "", "`file` that run --profile was given for it")
	e.image.flags(f, prefix, of)
}

// given reports whether any of them was.
func (e *evidence) given() bool { return *e != evidence{} }

// read reads the files.
func (e *evidence) read() (got certificate.Evidence, err error) {
	if e.report == "" || e.profile == "" {
		return got, fmt.Errorf("%w: --report and --profile are missing", errUsage)
	}
	if got.Image, err = e.image.sum(); err != nil {
		return got, err
	}
	if got.Report, err = certificate.ReadFile(e.report, certificate.MaxReport); err != nil {
		return got, unreadable(err)
	}
	if got.Profile, err = certificate.ReadFile(e.profile, certificate.MaxProfile); err != nil {
		return got, unreadable(err)
	}
	return got, nil
}

// unreadable is the error of a file that cannot be read.
func unreadable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return err
}

// certifyVerb makes the bundle of a certificate.
func certifyVerb(_ context.Context, c console, args []string) error {
	var sold, twin evidence
	f := flags(c, "certify", "")
	sold.flags(f, "", "the build that is sold")
	twin.flags(f, "hooks-", "its twin with hooks, for level 2")
	keyFile := f.String("key", "", "PEM `file` with the Ed25519 key that signs")
	issuer := f.String("issuer", "", "`name` of whoever signs")
	folder := f.String("out", "", "`folder` to make, for the certificate and its evidence")
	development := f.Bool("allow-development", false, "for trials: also with a build of postern that is no release; nobody takes the certificate for a real one")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *keyFile == "" || *issuer == "" || *folder == "" {
		return fmt.Errorf("%w: --report, --profile, --firmware, --key, --issuer and --out are due", errUsage)
	}
	all := []*evidence{&sold}
	if twin.given() {
		all = append(all, &twin)
	}
	var runs []certificate.Evidence
	for _, e := range all {
		r, err := e.read()
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	key, err := privateKey(*keyFile)
	if err != nil {
		return err
	}
	id, err := certificate.KeyID(key.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	statement, err := certificate.Judge(runs, certificate.Terms{
		Suite: conformance.ThisBuild(), AllowDevelopment: *development, Issued: time.Now(), Issuer: certificate.Issuer{Name: *issuer, Key: id},
	})
	if err != nil {
		return err
	}
	file, err := certificate.Sign(statement, key)
	if err != nil {
		return err
	}
	if err := certificate.WriteBundle(*folder, file, runs); err != nil {
		return unreadable(err)
	}
	fmt.Fprintf(c.out, "%s certifies %s for %s; signed by key %s\n", *folder, statement.Subject[0].Digest.SHA256, statement.Predicate.Product.Name, id)
	if statement.Predicate.Suite.Development {
		fmt.Fprintln(c.out, "It is a trial: a development build of postern made it.")
	}
	return nil
}

// privateKey reads the key in a PEM file.
func privateKey(name string) (ed25519.PrivateKey, error) {
	data, err := certificate.ReadFile(name, certificate.MaxProfile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	key, err := certificate.ParsePrivateKey(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errUsage, name, err)
	}
	return key, nil
}

// versionVerb prints which build of the suite this is.
func versionVerb(_ context.Context, c console, args []string) error {
	if err := parse(flags(c, "version", ""), args, 0); err != nil {
		return err
	}
	b := conformance.ThisBuild()
	fmt.Fprintln(c.out, b)
	if !b.Released() {
		fmt.Fprintln(c.out, "This is no release: it certifies nothing.")
	}
	return nil
}
