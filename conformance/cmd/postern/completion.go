package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/postern-lock/postern/conformance"
)

// The scripts ask the tool itself what can stand at the cursor.
var completions = map[string]string{
	"bash": `# postern completion bash > /etc/bash_completion.d/postern
_postern() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _postern postern
`,
	"zsh": `#compdef postern
# postern completion zsh > "${fpath[1]}/_postern"
_postern() {
  local -a found
  found=(${(f)"$(postern complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -a found; else _files; fi
}
if [ "$funcstack[1]" = "_postern" ]; then _postern "$@"; else compdef _postern postern; fi
`,
	"fish": `# postern completion fish > ~/.config/fish/completions/postern.fish
complete -c postern -a '(postern complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

// completionVerb prints the script of a shell.
func completionVerb(_ context.Context, c console, args []string) error {
	f := flags(c, "completion", "bash|zsh|fish")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	script, ok := completions[f.Arg(0)]
	if !ok {
		return fmt.Errorf("%w: %q, where bash, zsh or fish is right", errUsage, f.Arg(0))
	}
	_, err := io.WriteString(c.out, script)
	return err
}

// completeVerb is what the scripts ask: the words behind the program's name, of
// which the last stands at the cursor.
func completeVerb(ctx context.Context, c console, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	words := slices.DeleteFunc(slices.Clone(args), func(w string) bool { return w == "=" }) // bash has --flag=value in three words
	if len(words) == 0 {
		words = []string{""}
	}
	at := words[len(words)-1]
	kept := "" // what stands before the last comma of a list
	if i := strings.LastIndex(at, ","); i >= 0 {
		kept, at = at[:i+1], at[i+1:]
	}
	found, err := candidates(ctx, words)
	if err != nil {
		return err
	}
	for _, f := range found {
		if len(f) >= len(at) && strings.EqualFold(f[:len(at)], at) {
			fmt.Fprintln(c.out, kept+f)
		}
	}
	return nil
}

// candidates returns all that can stand where the last word is, whatever it begins
// with; nothing where a file can.
func candidates(ctx context.Context, words []string) ([]string, error) {
	if len(words) == 1 {
		var names []string
		for _, v := range verbs() {
			if v.does != "" {
				names = append(names, v.name)
			}
		}
		return append(names, "help"), nil
	}
	verb, at, before := words[0], words[len(words)-1], words[len(words)-2]
	if strings.HasPrefix(at, "-") {
		return flagsOf(ctx, verb), nil
	}
	switch strings.TrimLeft(before, "-") {
	case before: // no flag
	case "case":
		return caseIDs(), nil
	case "requirement":
		return requirementIDs()
	case "area":
		return areas(), nil
	case "role":
		return []string{"lock", "app", "issuer"}, nil
	case "target":
		return []string{"demo", "demo:box", "exec:", "vpcd-listen:", "vpcd-connect:", "pcsc:"}, nil
	case "control":
		return []string{"exec:"}, nil
	}
	switch verb {
	case "explain":
		ids, err := requirementIDs()
		return append(caseIDs(), ids...), err
	case "profile":
		if len(words) == 2 {
			return []string{"check"}, nil
		}
	case "help":
		return candidates(ctx, words[1:2])
	case "completion":
		return []string{"bash", "zsh", "fish"}, nil
	}
	return nil, nil
}

// flagsOf reads the flags of a verb from its help.
func flagsOf(ctx context.Context, name string) []string {
	var found []string
	for _, v := range verbs() {
		if v.name != name || v.does == "" {
			continue
		}
		var help bytes.Buffer
		_ = v.run(ctx, console{in: strings.NewReader(""), out: io.Discard, err: &help}, []string{"-h"}) // it always says that help was asked for
		for line := range strings.Lines(help.String()) {
			if words := strings.Fields(line); strings.HasPrefix(line, "  -") {
				found = append(found, "-"+words[0])
			}
		}
	}
	return found
}

func caseIDs() []string {
	var ids []string
	for _, role := range roles {
		for _, x := range conformance.Cases(role) {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

func requirementIDs() ([]string, error) {
	all, err := requirements()
	var ids []string
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	return ids, err
}

func areas() []string {
	var found []string
	for _, id := range caseIDs() {
		if a := conformance.Area(id); !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	return found
}
