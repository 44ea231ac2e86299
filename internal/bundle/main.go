// Bundle writes each document of a folder as a single file: what it refers to in other files stands in it. Tools that
// take one file, and people who download one, have enough with it. `make bundle` runs it.
//
// It moves YAML nodes and knows little of what they mean; tests load what it writes as the judge would.
package main

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run bundles every document with paths below the folder given, by default openapi, into the folder named by -o, by
// default openapi/dist, under the name it has, and prints what it wrote. It returns 0, 2 when it was called wrongly,
// and 1 when a document cannot be bundled or written; documents before it have then been written.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bundle", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("o", filepath.Join("openapi", "dist"), "write below this `folder`")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	from := "openapi"
	switch flags.NArg() {
	case 0:
	case 1:
		from = flags.Arg(0)
	default:
		_, _ = fmt.Fprintf(stderr, "bundle: takes one folder, got %q\n", flags.Args())
		return 2
	}
	if err := write(os.DirFS(from), *out, stdout); err != nil {
		_, _ = fmt.Fprintf(stderr, "bundle: %s: %v\n", from, err)
		return 1
	}
	return 0
}

func write(fsys fs.FS, out string, stdout io.Writer) error {
	found, err := documents(fsys)
	if err != nil {
		return err
	}
	for _, name := range found {
		text, err := bundle(fsys, name)
		if err != nil {
			return err
		}
		file := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // documents are for everyone to read
			return err
		}
		if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // documents are for everyone to read
			return err
		}
		if _, err := fmt.Fprintf(stdout, "%8d bytes  %s\n", len(text), file); err != nil {
			return err
		}
	}
	return nil
}
