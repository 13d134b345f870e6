package main

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	t.Parallel()
	w, err := wish{Module: "staff", Entity: "leave_request", Korean: "휴가신청"}.words()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range [][2]string{
		{w.Type(), "LeaveRequest"}, {w.Types(), "LeaveRequests"}, {w.Var(), "leaveRequest"}, {w.Vars(), "leaveRequests"},
		{w.Path(), "leave-requests"}, {w.Kebab(), "leave-request"}, {w.AOne(), "a leave request"}, {w.Titles(), "Leave requests"},
		{w.KoreanObject(), "휴가신청을"}, {w.Receiver(), "l"},
	} {
		if tc[0] != tc[1] {
			t.Errorf("%s, want %s", tc[0], tc[1])
		}
	}
	if w, err = (wish{Module: "fleet", Entity: "vehicle"}).words(); err != nil || w.Receiver() != "ve" || w.Korean != "Vehicle" || w.KoreanObject() != "Vehicle을(를)" {
		t.Errorf("got %+v, %v", w, err)
	}
}

func TestWords_plural(t *testing.T) {
	t.Parallel()
	for one, many := range map[string]string{"payslip": "payslips", "box": "boxes", "branch": "branches", "duty": "duties", "day": "days", "house": "houses"} {
		if got := plural(one); got != many {
			t.Errorf("%s: %s, want %s", one, got, many)
		}
	}
	if w, err := (wish{Module: "crew", Entity: "member", Plural: "crew_members"}).words(); err != nil || w.Path() != "crew-members" {
		t.Errorf("a plural that is given: %+v, %v", w, err)
	}
}

func TestWords_refused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wish wish
		says string
	}{
		"nothing":                     {wish{}, "NAME=: a module is named in one word"},
		"no entity":                   {wish{Module: "payroll"}, "ENTITY=: it is named in lower case"},
		"capitals":                    {wish{Module: "Payroll", Entity: "Payslip"}, "ENTITY=Payslip: it is named"},
		"a path":                      {wish{Module: "../x", Entity: "payslip"}, "NAME=../x"},
		"a digit first":               {wish{Module: "payroll", Entity: "2nd"}, "ENTITY=2nd"},
		"a module of two words":       {wish{Module: "pay_roll", Entity: "payslip"}, "NAME=pay_roll"},
		"a keyword of Go":             {wish{Module: "payroll", Entity: "func"}, "ENTITY=func: the code uses this word already"},
		"a keyword of TypeScript":     {wish{Module: "payroll", Entity: "class"}, "ENTITY=class: the code uses this word already"},
		"a function of Go":            {wish{Module: "payroll", Entity: "len"}, "ENTITY=len"},
		"a package that is imported":  {wish{Module: "payroll", Entity: "place"}, "ENTITY=place"},
		"the module's own name":       {wish{Module: "payslip", Entity: "payslip"}, "different names"},
		"the module's name in plural": {wish{Module: "payslips", Entity: "payslip"}, "different names"},
		"no plural of its own":        {wish{Module: "payroll", Entity: "payslip", Plural: "payslip"}, "PLURAL=payslip: it must differ"},
		"a test of Go":                {wish{Module: "lab", Entity: "blood_test"}, "ENTITY=blood_test: Go takes blood_test.go for a test"},
		"a file of one processor":     {wish{Module: "lab", Entity: "robot_arm"}, "ENTITY=robot_arm: Go takes robot_arm.go"},
		"a file of one system":        {wish{Module: "lab", Entity: "desk", Plural: "old_windows"}, "PLURAL=old_windows: Go takes"},
		"a word of SQL":               {wish{Module: "order", Entity: "item"}, "NAME=order: the code uses this word already"},
		"a word of Go's packages":     {wish{Module: "internal", Entity: "item"}, "NAME=internal: the code uses"},
		"an address of the server":    {wish{Module: "papers", Entity: "doc"}, "ENTITY=doc: the code uses"},
		"a space in Korean":           {wish{Module: "payroll", Entity: "payslip", Korean: " "}, "KOREAN="},
		"a line's end in Korean":      {wish{Module: "payroll", Entity: "payslip", Korean: "급\r여"}, "KOREAN="},
		"quotes in Korean":            {wish{Module: "payroll", Entity: "payslip", Korean: `급"여`}, "KOREAN="},
	} {
		if _, err := tc.wish.words(); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %s", name, err, tc.says)
		}
	}
}
