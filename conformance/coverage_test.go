package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/conformance"
)

// shares prints shares as "operations 1/5 20".
func shares(list []conformance.Share) (lines []string) {
	for _, s := range list {
		lines = append(lines, fmt.Sprintf("%s %d/%d %g", s.Kind, s.Seen, s.Of, s.Percent))
	}
	return lines
}

func TestCoverageCounts(t *testing.T) {
	nothing := []string{"operations 0/5 0", "statuses 0/7 0", "request-members 0/7 0", "response-members 0/6 0"}
	tests := []struct {
		name      string
		exchanges []conformance.Exchange
		want      []string
	}{
		{"nothing", nil, nothing},
		{"another host", []conformance.Exchange{order(at("GET", "https://other.example/"))}, nothing},
		{"an unknown path", []conformance.Exchange{order(at("POST", base+"/nonsense"))}, nothing},
		{"one order, twice", []conformance.Exchange{order(), order()},
			[]string{"operations 1/5 20", "statuses 1/7 14.2", "request-members 3/7 42.8", "response-members 1/6 16.6"}},
		{"what an order and its reading show", []conformance.Exchange{order(), reading(answer(200, `{"amount":1,"lines":[{"amount":1}]}`))},
			[]string{"operations 2/5 40", "statuses 2/7 28.5", "request-members 3/7 42.8", "response-members 3/6 50"}},
		{"a request that was refused shows nothing of itself", []conformance.Exchange{order(func(x *conformance.Exchange) {
			x.Response = conformance.Response{Status: 400, Header: http.Header{"Content-Type": {"application/problem+json"}}, Body: []byte(`{"title":"t"}`)}
		})}, []string{"operations 1/5 20", "statuses 1/7 14.2", "request-members 0/7 0", "response-members 1/6 16.6"}},
		{"a callback", []conformance.Exchange{order(), order(at("POST", "https://merchant.example/callback?order=1"), ask(`{"order":"1"}`), answer(204, ""))},
			[]string{"operations 2/5 40", "statuses 2/7 28.5", "request-members 4/7 57.1", "response-members 1/6 16.6"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			session := shop(t).Session()
			for _, x := range tt.exchanges {
				session.Check(x)
			}
			assert.Equal(t, tt.want, shares(session.Report().Coverage.Kinds()))
		})
	}
}

func TestCoverageOfDocumentsAndOperations(t *testing.T) {
	session := shop(t).Session()
	session.Check(order())
	session.Check(order())
	coverage := session.Report().Coverage
	session.Check(reading())
	documents := coverage.Documents()
	require.Len(t, documents, 1)
	assert.Equal(t, "shop", documents[0].Document)
	assert.Equal(t, shares(coverage.Kinds()), shares(documents[0].Kinds))
	operations := coverage.Operations()
	require.Len(t, operations, 5)
	assert.Equal(t, conformance.OperationCoverage{
		Operation: "shop createOrder", Document: "shop", Method: "POST", Path: "/orders", Exchanges: 2,
		Statuses: []conformance.StatusTimes{{Status: "201 application/json", Seen: true}, {Status: "default application/problem+json"}},
	}, operations[0])
	var unseen []string
	for _, u := range coverage.Unseen() {
		unseen = append(unseen, strings.Join([]string{u.Kind, u.Operation, u.Name}, " "))
	}
	assert.ElementsMatch(t, []string{
		"operations shop orderChanged orderChanged", "operations shop createParcel createParcel",
		"operations shop parcelChanged parcelChanged", "operations shop readOrder readOrder",
		"statuses shop createOrder default application/problem+json",
		"request-members  /lines", "request-members  /lines/*/amount", "request-members  /order", "request-members  /parcel",
		"response-members  /lines", "response-members  /lines/*/amount", "response-members  /urls", "response-members  /urls/callbackUrl",
		"response-members  /title",
	}, unseen, "of operations that did not occur, no more than their names")
}

// What two files show is counted together, and a file that names a server of
// its own counts like the others.
func TestCoverageOfSeveralFiles(t *testing.T) {
	folder := t.TempDir()
	for name, entries := range map[string][]conformance.Exchange{
		"a.har": {order()}, "b.har": {reading()}, "c.har": {order(at("POST", "http://127.0.0.1:8585/v1/orders"))},
	} {
		file, err := os.Create(filepath.Join(folder, name))
		require.NoError(t, err)
		var opts []conformance.Option
		if name == "c.har" {
			opts = append(opts, conformance.WithServer("http://127.0.0.1:8585"))
		}
		recorder := conformance.NewRecorder(shop(t, opts...), file)
		for _, x := range entries {
			recorder.Record(x)
		}
		require.NoError(t, recorder.Close())
		require.NoError(t, file.Close())
	}
	report, err := conformance.CheckFiles(t.Context(), shop(t), []string{folder}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"operations 2/5 40", "statuses 2/7 28.5", "request-members 3/7 42.8", "response-members 1/6 16.6"}, shares(report.Coverage.Kinds()))
	assert.Equal(t, 2, report.Coverage.Operations()[0].Exchanges)

	first, err := json.Marshal(report)
	require.NoError(t, err)
	again, err := conformance.CheckFiles(t.Context(), shop(t), []string{folder}, nil)
	require.NoError(t, err)
	second, err := json.Marshal(again)
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
}

func TestGates(t *testing.T) {
	tests := []struct {
		gate string
		want string // of the finding; "" for none
	}{
		{"operations=20", ""},
		{"operations=20.1", "the coverage of operations is 20 % (1 of 5); at least 20.1 % are wanted"},
		{"statuses=14.2%", ""},
		{"statuses=14.3", "the coverage of statuses is 14.2 % (1 of 7); at least 14.3 % are wanted"},
		{"shop:request-members=42.8", ""},
		{"shop.yaml:response-members=100", "the coverage of response-members of shop is 16.6 % (1 of 6); at least 100 % are wanted"},
		{"rels=1", "there are no rels that could be covered"},
		{"elsewhere:operations=1", "there are no operations of elsewhere that could be covered"},
	}
	for _, tt := range tests {
		t.Run(tt.gate, func(t *testing.T) {
			session := shop(t).Session()
			session.Check(order())
			report := session.Report()
			gate, err := conformance.ParseGate(tt.gate)
			require.NoError(t, err)
			report.Require(gate)
			if tt.want == "" {
				assert.Empty(t, report.Findings)
				assert.Equal(t, 0, report.ExitCode(conformance.Error))
				return
			}
			require.Len(t, report.Findings, 1)
			f := report.Findings[0]
			assert.Equal(t, tt.want, f.Message)
			assert.Equal(t, "coverage.below", f.Rule)
			assert.NotEmpty(t, f.Hint)
			assert.True(t, strings.HasPrefix(f.String(), "traffic: "), f)
			assert.Equal(t, 1, report.Summary.Errors)
			assert.Equal(t, 1, report.ExitCode(conformance.Error))
		})
	}
	session := shop(t).Session()
	session.Check(order())
	report := session.Report()
	report.Require(conformance.Gate{Kind: "operations", Percent: 50}, conformance.Gate{Kind: "statuses", Percent: 50})
	require.Len(t, report.Findings, 2)
	assert.Equal(t, "not seen: shop orderChanged, shop readOrder, shop createParcel, shop parcelChanged", hintOf(report, "operations"))
	assert.Contains(t, hintOf(report, "statuses"), "shop createOrder default application/problem+json")
}

func hintOf(r conformance.Report, pointer string) string {
	for _, f := range r.Findings {
		if f.Pointer == pointer {
			return f.Hint
		}
	}
	return ""
}

func TestParseGateRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"operations": "has no percentage", "": "has no percentage",
		"colours=5": `no coverage of "colours"; there is operations, statuses,`, "shop:=5": `no coverage of ""`,
		"rels=": "no percentage above 0", "rels=0": "no percentage above 0", "rels=-1": "no percentage above 0",
		"rels=100.1": "no percentage above 0", "rels=NaN": "no percentage above 0", "rels=x": "no percentage above 0",
	} {
		_, err := conformance.ParseGate(text)
		assert.ErrorContains(t, err, want, text)
	}
}
