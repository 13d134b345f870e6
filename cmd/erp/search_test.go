package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"erp.internal/platform/httpx/apitest"
)

// hospitals is a small directory to search in.
type hospitals struct {
	*world
	hanbit, busan int64 // organizations
	wards         map[string]int64
}

func newHospitals(t *testing.T) *hospitals {
	t.Helper()
	h := &hospitals{world: newWorld(t), wards: map[string]int64{}}
	create := func(path, body string, args ...any) int64 {
		t.Helper()
		return h.As(t, h.root, "POST", path, fmt.Sprintf(body, args...)).Want(t, 201).ID()
	}
	h.hanbit = create("/organizations", `{"name":"서울 한빛병원","description":"심장 질환 전문"}`)
	h.busan = create("/organizations", `{"name":"부산새봄요양병원"}`)
	create("/organizations", `{"name":"St. Mary's Hospital","description":"Cœur et rein"}`)
	for _, d := range []struct {
		organization int64
		name, code   string
	}{{h.hanbit, "내과", "IM"}, {h.hanbit, "소화기 내과", "IM-GI"}, {h.hanbit, "외과", "GS"}, {h.hanbit, "정형외과", "OS"}, {h.hanbit, "간호부", "NUR-01"}, {h.busan, "내과 병동", "B7"}} {
		h.wards[d.name] = create("/departments", `{"organization_id":%d,"name":%q,"code":%q}`, d.organization, d.name, d.code)
	}
	for _, u := range []struct{ name, email, ward string }{
		{"김철수", "chulsoo.kim@hanbit.kr", "내과"},
		{"김철수", "cskim77@hanbit.kr", "외과"},
		{"김철순", "soon@hanbit.kr", "소화기 내과"},
		{"김 철", "iron@hanbit.kr", "간호부"},
		{"기성용", "ki16@hanbit.kr", "외과"},
		{"박김수", "pks@hanbit.kr", "외과"},
		{"이수철", "lee.sc@saebom.kr", "내과 병동"},
		{"김철수", "another.kim@saebom.kr", "내과 병동"},
		{"휘결", "hg@saebom.kr", "내과 병동"},
		{"남궁민수", "minsu@saebom.kr", "내과 병동"},
		{"까치", "magpie@saebom.kr", "내과 병동"},
		{"과장 값", "value@saebom.kr", "내과 병동"},
		{"Nguyễn Văn Đức", "duc@hanbit.kr", "내과"},
		{"Kim Chul-Soo", "soo@mary.example", ""},
		{"Susan O'Neill", "susan@mary.example", ""},
		{"Müller-Lüdenscheidt", "ml@xn--om3bw6p.xn--3e0b707e", ""},
		{"", "nameless@hanbit.kr", "간호부"},
	} {
		place := `"organization_id":null`
		if ward := h.wards[u.ward]; ward != 0 {
			place = fmt.Sprintf(`"organization_id":%d,"department_id":%d`, map[bool]int64{true: h.busan, false: h.hanbit}[u.ward == "내과 병동"], ward)
		}
		name := "null"
		if u.name != "" {
			name = fmt.Sprintf("%q", u.name)
		}
		create("/users", `{"email":%q,"full_name":%s,%s}`, u.email, name, place)
	}
	create("/roles", `{"name":"수간호사","description":"간호부의 책임자","permissions":["user.read"]}`)
	return h
}

// found is what a search shows: the kind, the name and the detail of each object, with its rank.
func (h *hospitals) found(t *testing.T, who apitest.Token, typed string) string {
	t.Helper()
	var all []string
	for _, hit := range h.As(t, who, "GET", "/search?q="+url.QueryEscape(typed), "").Want(t, 200).List {
		detail := ""
		if hit["detail"] != nil {
			detail = fmt.Sprintf(" <%v>", hit["detail"])
		}
		all = append(all, fmt.Sprintf("%v %v%s %v", hit["kind"], hit["name"], detail, hit["rank"]))
	}
	return strings.Join(all, "\n    ")
}

// Each search of the table finds what it says, in this order; the lists find the same of one kind.
func TestSearch(t *testing.T) {
	t.Parallel()
	h := newHospitals(t)
	table, err := os.ReadFile("testdata/searches.txt")
	if err != nil {
		t.Fatal(err)
	}
	searches := 0
	for entry := range strings.SplitSeq(strings.TrimSpace(string(table)), "\n\n") {
		if strings.HasPrefix(entry, "#") {
			continue
		}
		typed, want, _ := strings.Cut(entry, "\n")
		searches++
		want = strings.TrimSpace(want)
		if got := h.found(t, h.root, typed); got != want {
			t.Errorf("%s\n    %s\n  want\n    %s", typed, got, want)
		}
		for kind, list := range map[string]string{"user": "/users", "department": "/departments", "organization": "/organizations", "role": "/roles"} {
			found := len(h.As(t, h.root, "GET", list+"?q="+url.QueryEscape(typed), "").Want(t, 200).List)
			if n := strings.Count("\n    "+want, "\n    "+kind+" "); n != found {
				t.Errorf("%s: %s has %d, want %d", typed, list, found, n)
			}
		}
	}
	if searches < 60 {
		t.Errorf("the table has %d searches", searches)
	}
}

// Callers find what they may see, and the names of departments that they may not see find nobody.
func TestSearch_within_a_scope(t *testing.T) {
	t.Parallel()
	h := newHospitals(t)
	id, email := h.user(t, everywhere)
	h.grant(t, id, h.role(t, "member"), ward)
	who := h.SignIn(t, email, somePassword)
	if found := h.found(t, who, "김철수"); found != "" {
		t.Errorf("a member of another hospital found %s", found)
	}
	role := h.As(t, h.root, "POST", "/roles", `{"name":"people","permissions":["user.read"]}`).Want(t, 201).ID()
	h.As(t, h.root, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,"organization_id":%d}`, id, role, h.hanbit)).Want(t, 201)
	for typed, want := range map[string]string{
		"김철수":    "user 김철수 <chulsoo.kim@hanbit.kr> exact\n    user 김철수 <cskim77@hanbit.kr> exact\n    user 김철순 <soon@hanbit.kr> prefix",
		"외과 김철수": "",
		"내과":     "",
		"한빛":     "",
	} {
		if found := h.found(t, who, typed); found != want {
			t.Errorf("%s: %s", typed, found)
		}
	}
	h.As(t, h.root, "POST", "/grants", fmt.Sprintf(`{"user_id":%d,"role_id":%d,"organization_id":%d}`, id, h.role(t, "member"), h.hanbit)).Want(t, 201)
	for typed, want := range map[string]string{
		"외과 김철수": "user 김철수 <cskim77@hanbit.kr> exact",
		"내과":     "department 내과 <IM> exact\n    department 소화기 내과 <IM-GI> word",
		"수간호사":   "",
	} {
		if found := h.found(t, who, typed); found != want {
			t.Errorf("%s: %s", typed, found)
		}
	}
}

// What is renamed, moved or deleted is found as it is then, also if SQL changed it.
func TestSearch_after_changes(t *testing.T) {
	t.Parallel()
	h := newHospitals(t)
	user := h.As(t, h.root, "GET", "/users?q=chulsoo.kim", "").Want(t, 200).List[0]
	path := fmt.Sprintf("/users/%v", user["id"])
	expect := func(typed, want string) {
		t.Helper()
		if found := h.found(t, h.root, typed); found != want {
			t.Errorf("%s: %s", typed, found)
		}
	}
	h.As(t, h.root, "PUT", path, `{"full_name":"홍길동"}`).Want(t, 200)
	expect("홍길동", "user 홍길동 <chulsoo.kim@hanbit.kr> exact")
	expect("내과 홍길동", "user 홍길동 <chulsoo.kim@hanbit.kr> exact")
	h.As(t, h.root, "PUT", fmt.Sprintf("/departments/%d", h.wards["내과"]), `{"name":"심장센터"}`).Want(t, 200)
	expect("내과 홍길동", "")
	expect("심장센터 홍길동", "user 홍길동 <chulsoo.kim@hanbit.kr> exact")
	h.As(t, h.root, "PUT", path, fmt.Sprintf(`{"department_id":%d}`, h.wards["외과"])).Want(t, 200)
	expect("심장센터 홍길동", "")
	expect("외과 홍길동", "user 홍길동 <chulsoo.kim@hanbit.kr> exact")
	h.As(t, h.root, "DELETE", path, "").Want(t, 204)
	expect("홍길동", "")
}
