package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/kassa-dev/kassa/server/internal/ledger"
	"github.com/kassa-dev/kassa/server/internal/refuse"
)

// copied answers a copy of the invoice that a capture sent, as a PDF of one page. That it is one is likely and written
// nowhere; what is on it is ours.
func (t till) copied(c *call) (answer, error) {
	p, tx, err := t.find(c, ledger.Capture)
	if err != nil {
		return answer{}, err
	}
	if tx.state != stateCompleted {
		return answer{}, refuse.NotFound("The capture has sent no invoice.")
	}
	lines := []string{
		"Invoice " + tx.payeeReference, "A copy made by a sandbox. It asks nobody for money.", "",
		p.order.payee.PayeeName, p.order.description, "",
	}
	for _, item := range tx.items {
		lines = append(lines, item.Description+"    "+inMinorUnits(item.Amount))
	}
	lines = append(lines, "Total    "+inMinorUnits(tx.amount)+" "+p.order.currency, "of which VAT    "+inMinorUnits(tx.vatAmount)+" "+p.order.currency)
	return answer{status: http.StatusOK, document: pdf(lines)}, nil
}

// inMinorUnits is an amount of hundredths as people write it.
func inMinorUnits(amount int64) string { return fmt.Sprintf("%d.%02d", amount/100, amount%100) }

// pdf is a document of one page with lines of text. Characters beyond Latin-1 become question marks.
func pdf(lines []string) []byte {
	var text strings.Builder
	text.WriteString("BT /F1 12 Tf 16 TL 72 770 Td\n")
	for _, line := range lines {
		fmt.Fprintf(&text, "(%s) Tj T*\n", latin(line))
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	var offsets []int
	for i, object := range objects {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return out.Bytes()
}

// latin writes text as a string of a PDF.
func latin(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '(' || r == ')' || r == '\\':
			out.WriteByte('\\')
			out.WriteByte(byte(r))
		case r < ' ':
			out.WriteByte(' ')
		case r > 255:
			out.WriteByte('?')
		default:
			out.WriteByte(byte(r))
		}
	}
	return out.String()
}
