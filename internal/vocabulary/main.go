// Command vocabulary writes Go constants for the open vocabularies of a document: the known values of every member that
// says x-open-enum. The members themselves stay plain strings, so a value that is not among them decodes like any other.
//
//	go run ./internal/vocabulary -package psp -o gen/swedbankpay/psp/vocabulary.gen.go openapi/swedbankpay/psp.yaml
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	name := flag.String("package", "", "`name` of the package")
	out := flag.String("o", "", "`file` to write")
	flag.Parse()
	if *name == "" || *out == "" || flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: vocabulary -package NAME -o FILE DOCUMENT")
		os.Exit(2)
	}
	if err := run(*name, *out, flag.Arg(0)); err != nil {
		fmt.Fprintf(os.Stderr, "vocabulary: %v\n", err)
		os.Exit(1)
	}
}

func run(name, out, document string) error {
	data, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	found, err := vocabularies(data)
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	source, err := write(name, found)
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	return os.WriteFile(out, source, 0o644) //nolint:gosec // generated code is for everybody
}
