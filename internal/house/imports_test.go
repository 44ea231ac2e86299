// Package house holds the rules of this repository as tests: who may import whom, which dependencies need a reason,
// and what every hand-written file keeps to. A rule that matters fails here; one that does not is not written down.
package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "github.com/kassa-dev/kassa"

	kin     = "github.com/getkin/kin-openapi"
	runtime = "github.com/oapi-codegen/runtime"
	cobra   = "github.com/spf13/cobra"
	sqlite  = "modernc.org/sqlite"
	otel    = "go.opentelemetry.io"
)

// An arrow says what some packages of this module may import of the others. Packages are named from the module's
// root; "gen" stands for gen and everything below it.
type arrow struct {
	from string
	may  []string
	why  string
}

// arrows is the import table. The first row that names a package decides. Tests may import anything.
var arrows = []arrow{
	{"openapi", nil, "the contract is the vocabulary; it depends on nobody"},
	{"gen/swedbankpay/psp", nil, "the shared vocabulary of the instruments depends on nobody"},
	{"gen/swedbankpay", []string{"gen/swedbankpay/psp"}, "generated code knows the shared vocabulary and no hand-written code"},
	{"gen", nil, "generated code knows no hand-written code"},
	{"internal/contract", []string{"openapi"}, "it judges by the documents, so a mistake of the generator cannot excuse itself"},
	{"client", []string{"client", "gen", "internal/checkdigit"}, "a merchant's program carries no document, no validator and no sandbox"},
	{"server", []string{"server", "gen", "internal/contract"}, "the sandbox knows neither its callers nor its judge"},
	{"conformance", []string{"conformance", "internal/contract", "internal/checkdigit"}, "the judge stands outside: it knows neither generated code nor the parties"},
	{"internal/checkdigit", nil, "it knows numbers, and nothing of who meets them"},
	{"internal/vocabulary", nil, "it copies words of a document into Go; what they mean is for the judge to say"},
	{"internal/bundle", nil, "it moves YAML nodes; what they mean is for the judge to say"},
	{"internal/corpus", []string{"conformance", "server"}, "it shows the judge and the sandbox what others recorded and wrote, and adds no judgement of its own"},
	{"internal/fidelity", []string{"internal/contract"}, "it reports on the documents alone"},
	{"internal/house", nil, "it looks at packages from outside"},
	{"examples/shop", []string{"client", "gen", "server"}, "a merchant's program has clients, and for want of a bank a sandbox"},
	{"examples", []string{"client", "server", "conformance", "gen", "openapi"}, "examples show what a stranger can import"},
	{"cmd", []string{"openapi", "gen", "internal/contract", "client", "server", "conformance"}, "commands are doorways: they import the parts, never each other"},
}

// keepers are the only packages that may import a module: when its API changes, few folders notice. An example shows what
// strangers write, so it keeps what they would.
var keepers = []struct {
	imports string
	keepers []string
}{
	{kin, []string{"internal/contract"}},
	{cobra, []string{"cmd"}},
	{sqlite, []string{"server/sqlite", "examples/shop"}},
	{otel, []string{"client/telemetry"}},
}

// apart are the packages that must not reach another at any depth. Who keeps a module may reach it.
var apart = []struct{ from, never, why string }{
	{"client", kin, "programs that use the clients would link a validator"},
	{"client", otel, "programs that are traced otherwise, or not at all, would link OpenTelemetry"},
	{"client", module + "/openapi", "programs that use the clients would link the documents"},
	{"conformance", module + "/gen", "a mistake of the generator would excuse itself"},
	{"internal/contract", module + "/gen", "a mistake of the generator would excuse itself"},
	{"openapi", module + "/gen", "generating would need what it makes"},
	{"server", sqlite, "a test that embeds the sandbox would link a database"},
}

// A pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	GoFiles    []string
	Imports    []string // what its files import, tests not counted
	Deps       []string // everything reached through them
}

func TestImports(t *testing.T) {
	pkgs := list(t)
	for _, must := range []string{"openapi", "gen/swedbankpay/psp", "internal/contract", "client", "server", "conformance", "cmd/kassa"} {
		assert.True(t, slices.ContainsFunc(pkgs, func(p pkg) bool { return p.ImportPath == module+"/"+must }),
			"%s is not listed: the import table would judge nothing; remedy: name the packages that stand in its place", must)
	}
	for _, broken := range check(pkgs) {
		t.Error(broken)
	}
}

// check holds packages against the table and returns one line for each broken rule: place, rule, remedy.
func check(pkgs []pkg) []string {
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	for _, p := range pkgs {
		from := local(p.ImportPath)
		i := slices.IndexFunc(arrows, func(a arrow) bool { return within(from, a.from) })
		if i < 0 {
			say("%s has no row in the import table; remedy: add one to arrows in internal/house, or move it below a package that has", from)
			continue
		}
		for _, imported := range p.Imports {
			switch to := local(imported); {
			case to != imported && !arrows[i].allows(from, to):
				say("%s imports %s, but may import only %q: %s; remedy: move the code, or hand in what it needs", from, to, arrows[i].may, arrows[i].why)
			case foreign(imported) && within(from, "openapi"):
				say("%s imports %s, but only the standard library may be imported there; remedy: move the code to internal/contract", from, imported)
			case foreign(imported) && within(from, "gen") && !within(imported, runtime):
				say("%s imports %s, but generated code needs %s alone; remedy: look at openapi/oapi-codegen.yaml", from, imported, runtime)
			}
			for _, k := range keepers {
				if within(imported, k.imports) && !keeps(from, k.imports) {
					say("%s imports %s, whose only importer is %s; remedy: ask for what is missing there", from, imported, strings.Join(k.keepers, " or "))
				}
			}
		}
		for _, a := range apart {
			if keeps(from, a.never) {
				continue
			}
			for _, dep := range p.Deps {
				if within(from, a.from) && within(dep, a.never) {
					say("%s reaches %s through its imports: %s; remedy: see `go list -deps`, cut the arrow that leads there", from, dep, a.why)
				}
			}
		}
	}
	return broken
}

// list asks the go command for the packages of this module.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,GoFiles,Imports,Deps", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("go list: %s", exit.Stderr)
	}
	require.NoError(t, err)
	var pkgs []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		}
		require.NoError(t, err)
		pkgs = append(pkgs, p)
	}
}

// local names a package of this module from its root; it returns other packages as they are.
func local(path string) string { return strings.TrimPrefix(path, module+"/") }

// within says whether path is above or below it.
func within(path, above string) bool { return path == above || strings.HasPrefix(path, above+"/") }

// keeps says whether a package may import a module that few may.
func keeps(from, module string) bool {
	for _, k := range keepers {
		if k.imports == module {
			return slices.ContainsFunc(k.keepers, func(keeper string) bool { return within(from, keeper) })
		}
	}
	return false
}

// foreign says whether a package is neither ours nor the standard library's, whose paths have no dot before the
// first slash.
func foreign(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".") && !within(path, module)
}

// allows says whether a package may import another: the row lists it, or both are parts of one command, as cmd/kassa
// and cmd/kassa/internal/demo are.
func (a arrow) allows(from, to string) bool {
	parts := strings.Split(from, "/")
	return slices.ContainsFunc(a.may, func(may string) bool { return within(to, may) }) ||
		parts[0] == "cmd" && within(to, strings.Join(parts[:min(2, len(parts))], "/"))
}

func TestImportsRefuses(t *testing.T) {
	ours := func(name string) string { return module + "/" + name }
	tests := []struct {
		name string
		pkg  pkg
		want string // a part of the one line expected; "" for none
	}{
		{"a client with its generated code", pkg{ImportPath: ours("client/resurs"), Imports: []string{"net/http", ours("client"), ours("gen/resurs/widget"), "golang.org/x/oauth2"}}, ""},
		{"a client with the sandbox", pkg{ImportPath: ours("client"), Imports: []string{ours("server")}}, "client imports server"},
		{"a client with the documents, at depth", pkg{ImportPath: ours("client/resurs"), Deps: []string{ours("openapi")}}, "client/resurs reaches github.com/kassa-dev/kassa/openapi"},
		{"a client with the validator, at depth", pkg{ImportPath: ours("client"), Deps: []string{kin + "/openapi3"}}, "client reaches " + kin},
		{"a client with OpenTelemetry", pkg{ImportPath: ours("client"), Imports: []string{otel + "/otel/trace"}}, "whose only importer is client/telemetry"},
		{"a client with OpenTelemetry, at depth", pkg{ImportPath: ours("client/swedbankpay"), Imports: []string{ours("client/telemetry")}, Deps: []string{otel + "/otel"}}, "client/swedbankpay reaches " + otel},
		{"the clients' telemetry", pkg{ImportPath: ours("client/telemetry"), Imports: []string{ours("client"), otel + "/otel/metric"}, Deps: []string{otel + "/otel"}}, ""},
		{"a second importer of the validator", pkg{ImportPath: ours("conformance"), Imports: []string{kin + "/openapi3"}}, "whose only importer is internal/contract"},
		{"the importer of the validator", pkg{ImportPath: ours("internal/contract"), Imports: []string{kin + "/openapi3"}}, ""},
		{"a judge with generated code, at depth", pkg{ImportPath: ours("conformance/har"), Deps: []string{ours("gen/resurs/widget")}}, "conformance/har reaches"},
		{"a judge with a party", pkg{ImportPath: ours("conformance"), Imports: []string{ours("client")}}, "conformance imports client"},
		{"a sandbox with a client", pkg{ImportPath: ours("server/swedbankpay"), Imports: []string{ours("client")}}, "server/swedbankpay imports client"},
		{"a sandbox with the documents", pkg{ImportPath: ours("server"), Imports: []string{ours("openapi")}}, "server imports openapi"},
		{"documents with a library", pkg{ImportPath: ours("openapi"), Imports: []string{"embed", "gopkg.in/yaml.v3"}}, "only the standard library"},
		{"documents with a package of ours", pkg{ImportPath: ours("openapi"), Imports: []string{ours("client")}}, "openapi imports client"},
		{"generated code with a validator", pkg{ImportPath: ours("gen/resurs/widget"), Imports: []string{"github.com/other/validator"}}, "generated code needs"},
		{"an instrument with the vocabulary", pkg{ImportPath: ours("gen/swedbankpay/trustly"), Imports: []string{ours("gen/swedbankpay/psp"), runtime + "/types"}}, ""},
		{"an instrument with another", pkg{ImportPath: ours("gen/swedbankpay/trustly"), Imports: []string{ours("gen/swedbankpay/creditcard")}}, "gen/swedbankpay/trustly imports"},
		{"a command with another", pkg{ImportPath: ours("cmd/kassa"), Imports: []string{ours("cmd/other/flags")}}, "cmd/kassa imports cmd/other/flags"},
		{"a command with its own part", pkg{ImportPath: ours("cmd/kassa"), Imports: []string{ours("cmd/kassa/internal/demo"), ours("server")}}, ""},
		{"a part with its own command", pkg{ImportPath: ours("cmd/kassa/internal/demo"), Imports: []string{ours("cmd/kassa/internal/text"), cobra}}, ""},
		{"a library of commands elsewhere", pkg{ImportPath: ours("server"), Imports: []string{cobra}}, "whose only importer is cmd"},
		{"a sandbox with a database", pkg{ImportPath: ours("server"), Imports: []string{sqlite}}, "whose only importer is server/sqlite"},
		{"a sandbox with a database, at depth", pkg{ImportPath: ours("server"), Imports: []string{ours("server/sqlite")}, Deps: []string{sqlite + "/lib"}}, "server reaches " + sqlite},
		{"the sandbox's store", pkg{ImportPath: ours("server/sqlite"), Imports: []string{ours("server"), sqlite, sqlite + "/lib"}, Deps: []string{sqlite}}, ""},
		{"a command with a store", pkg{ImportPath: ours("cmd/kassa"), Imports: []string{ours("server/sqlite")}, Deps: []string{sqlite}}, ""},
		{"an example with a database", pkg{ImportPath: ours("examples/shop"), Imports: []string{ours("client/resurs"), ours("server/sqlite"), sqlite}, Deps: []string{sqlite}}, ""},
		{"an example with what only we have", pkg{ImportPath: ours("examples/shop"), Imports: []string{ours("internal/contract")}}, "examples/shop imports internal/contract"},
		{"an example with a judge", pkg{ImportPath: ours("examples/shop"), Imports: []string{ours("conformance")}}, "examples/shop imports conformance"},
		{"a package nobody placed", pkg{ImportPath: ours("util")}, "util has no row"},
		{"a name that only begins alike", pkg{ImportPath: ours("clients")}, "clients has no row"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := check([]pkg{tt.pkg})
			if tt.want == "" {
				require.Empty(t, broken)
				return
			}
			require.Len(t, broken, 1)
			assert.Contains(t, broken[0], tt.want)
			assert.Contains(t, broken[0], "; remedy: ")
		})
	}
}
