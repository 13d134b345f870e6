package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// syllable is a part of a name, as it is written and in Latin letters.
type syllable struct{ korean, latin string }

func syllables(pairs string) []syllable {
	var all []syllable
	for _, pair := range strings.Fields(pairs) {
		korean, latin, _ := strings.Cut(pair, ":")
		all = append(all, syllable{korean, latin})
	}
	return all
}

// naming is what names are made of. Surnames are listed about as often as people have them.
type naming struct{ surnames, first, second, rare []syllable }

func newNaming() naming {
	return naming{
		surnames: syllables(strings.Repeat("김:kim ", 21) + strings.Repeat("이:lee ", 15) + strings.Repeat("박:park ", 8) + strings.Repeat("최:choi ", 5) +
			strings.Repeat("정:jung ", 5) + strings.Repeat("강:kang ", 2) + strings.Repeat("조:cho ", 2) + strings.Repeat("윤:yoon ", 2) + strings.Repeat("장:jang ", 2) +
			strings.Repeat("임:lim ", 2) + "한:han 오:oh 서:seo 신:shin 권:kwon 황:hwang 안:ahn 송:song 류:ryu 전:jeon 홍:hong 고:ko 문:moon 양:yang 손:son 배:bae 백:baek 허:heo 유:yoo 남:nam " +
			"심:sim 노:noh 하:ha 곽:kwak 성:sung 차:cha 주:joo 우:woo 구:koo 민:min 진:jin 나:na 지:ji 엄:um 채:chae 원:won 천:chun 방:bang 남궁:namgung 제갈:jegal"),
		first: syllables("철:chul 영:young 민:min 지:ji 수:soo 현:hyun 준:jun 서:seo 도:do 예:ye 하:ha 은:eun 미:mi 경:kyung 성:sung 정:jung 승:seung 태:tae 재:jae 혜:hye " +
			"유:yu 윤:yoon 소:so 동:dong 상:sang 진:jin 나:na 보:bo 주:joo 연:yeon"),
		second: syllables("수:soo 희:hee 호:ho 우:woo 민:min 영:young 진:jin 연:yeon 아:ah 훈:hoon 준:jun 원:won 숙:sook 자:ja 미:mi 현:hyun 경:kyung 석:seok 철:chul 은:eun " +
			"빈:bin 서:seo 윤:yoon 율:yul 인:in 주:joo 환:hwan 선:sun 란:ran 규:kyu"),
		rare: syllables("휘:hwi 결:gyeol 빛:bit 슬:seul 늘:neul 샘:saem 찬:chan 옥:ok"),
	}
}

// The shares of people.
const (
	rareShare       = 0.0005 // whose given name is of two rare syllables
	foreignShare    = 0.005  // whose name is written in Latin letters with diacritics
	inactiveShare   = 0.02
	deletedShare    = 0.01
	unassignedShare = 0.01 // in an organization, and in no department
	neverShare      = 0.2  // who have never signed in
)

// name makes a name and the first part of an email.
func (n naming) name(chance *rand.Rand) (name, email string) {
	pick := func(of []syllable) syllable { return of[chance.IntN(len(of))] }
	if chance.Float64() < foreignShare {
		family := []string{"Nguyễn", "Trần", "Lê", "Müller", "García"}[chance.IntN(5)]
		given := []string{"Văn An", "Thị Hạnh", "Minh Đức", "José", "Zoë"}[chance.IntN(5)]
		return family + " " + given, "guest"
	}
	surname, first, second := pick(n.surnames), pick(n.first), pick(n.second)
	if chance.Float64() < rareShare {
		first, second = pick(n.rare), pick(n.rare)
	}
	return surname.korean + first.korean + second.korean, surname.latin + "." + first.latin + second.latin
}

// institution is the name of an organization; numbers make it unique.
func institution(n int) string {
	places := strings.Fields("서울 부산 대구 인천 광주 대전 울산 세종 수원 창원 청주 전주 천안 포항 제주 춘천")
	kinds := strings.Fields("의료원 병원 보건소 요양병원 시립병원 공단 진흥원 연구원")
	return fmt.Sprintf("%s 제%d %s", places[n%len(places)], n, kinds[n/len(places)%len(kinds)])
}

// departmentName is the name of the nth department of an organization.
func departmentName(n int) string {
	names := strings.Fields("총무부 진료부 간호부 행정부 기획실 내과 외과 소아청소년과 산부인과 정형외과 신경과 안과 이비인후과 피부과 비뇨의학과 영상의학과 마취통증의학과 응급의학과 " +
		"재활의학과 진단검사의학과 병동간호팀 외래간호팀 수술간호팀 중환자간호팀 원무팀 인사팀 회계팀 구매팀 시설팀 전산팀 홍보팀 감염관리팀 질향상팀 교육팀 연구팀 약제팀 영양팀 " +
		"의무기록팀 보험심사팀 사회사업팀 건강검진팀 물류팀 안전팀 법무팀 감사팀 예산팀 평가팀 민원팀 복지팀 노무팀")
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%s %d", names[n%len(names)], n/len(names)+1)
}
