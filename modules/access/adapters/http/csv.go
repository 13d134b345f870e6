package http

import (
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"erp.internal/modules/access/app"
	"erp.internal/platform/httpx"
)

var csvHeader = []string{
	"id", "user_id", "user_email", "user_name", "role_id", "role", "organization_id", "organization", "department_id", "department",
	"valid_from", "valid_until", "reason", "granted_by", "granted_by_email", "granted_at", "ended_by", "ended_by_email", "ended_at", "end_reason", "effect",
}

func csvRow(e app.Entry) []string {
	g := e.Grant
	at := g.Place.IDs()
	return []string{
		strconv.FormatInt(int64(g.ID), 10), strconv.FormatInt(g.UserID, 10), cell(e.User.Email), cell(orEmpty(e.User.FullName)),
		strconv.FormatInt(int64(g.RoleID), 10), cell(e.Role), number(at.OrganizationID), cell(e.Organization), number(at.DepartmentID), cell(e.Department),
		moment(g.Period.From), moment(g.Period.Until), cell(orEmpty(g.Reason)), number(g.GrantedBy), cell(e.GranterEmail), moment(&g.GrantedAt),
		number(g.EndedBy), cell(e.EnderEmail), moment(g.EndedAt), cell(orEmpty(g.EndReason)), string(e.Effect),
	}
}

// byteOrderMark tells spreadsheets that the file is UTF-8; without it they guess.
const byteOrderMark = "\ufeff"

func download(api *httpx.API, entries iter.Seq2[app.Entry, error]) *httpx.Stream {
	return httpx.Download(api, "text/csv; charset=utf-8", "grants.csv", func(w io.Writer) error {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
		rows := csv.NewWriter(w)
		rows.UseCRLF = true // RFC 4180
		if err := rows.Write(csvHeader); err != nil {
			return err
		}
		for entry, err := range entries {
			if err != nil {
				return err
			}
			if err := rows.Write(csvRow(entry)); err != nil {
				return err
			}
		}
		rows.Flush()
		return rows.Error()
	})
}

// cell keeps a text from being a formula (ASVS 1.2.10).
func cell(s string) string {
	if first, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) { // the wide ones for East Asian spreadsheets
		return "'" + s
	}
	return s
}

func number(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
