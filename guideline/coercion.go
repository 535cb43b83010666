package guideline

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

// coercive are ways to force people to post, folded. They were collected from posting rules that made networks empty:
// every day, everybody, quotas, penalties, and marks for who takes part.
var coercive = compile(
	// how often
	`必ず毎日`, `毎日必ず`, `毎日(?:の)?(?:投稿|書き込み|コメント|反応|ログイン)(?:を|が|は)?(?:すること|必須|義務|する必要)`,
	`毎日、?(?:投稿|コメント|反応)(?:しな(?:ければ|いと)|してください|すること)`,
	`(?:1|一)日(?:に)?(?:1|一|[0-9]+|数)(?:回|件)以上`, `(?:週|月)(?:に)?[0-9一二三四五六七八九十]+(?:回|件)以上(?:の)?(?:投稿|コメント|反応|書き込み)`,
	// everybody, by force
	`全員(?:に)?(?:強制|必須|義務|必ず)`, `全社員(?:に)?(?:強制|必須|義務|必ず)`, `全員が?(?:投稿|コメント|反応)(?:すること|しな(?:ければ|いと)|せよ)`, `強制(?:する|です|参加|投稿|とする)`,
	`(?:投稿|コメント|反応|参加|返信|ログイン|書き込み)(?:は|を|が)?(?:必須|義務|強制)`,
	`(?:投稿|コメント|反応|参加|書き込み)しな(?:ければ|いと|くては)(?:な|い)`, `義務(?:とする|付け|づけ)`,
	// quotas
	`ノルマ`, `目標件数`, `投稿数を競`, `ランキング(?:で|を)?(?:公開|発表|貼り)`,
	// penalties and marks
	`違反(?:者|した(?:人|者|場合))(?:は|を|には|に)?(?:、)?(?:厳正に)?(?:処分|処罰|罰|懲戒|減給|減点)`, `(?:処分|処罰|懲戒|減給|減点)(?:の)?(?:対象|とする|します|する)`, `罰則`, `ペナルティ`,
	`(?:人事)?(?:評価|査定|考課)(?:に|の)(?:反映|影響|対象|加味)`, `(?:書か|投稿し|反応し|コメントし)ない(?:人|者|社員)(?:は|を|の)(?:公表|名前|報告|指導|注意|減点|処分)`, `未投稿者(?:は|を|の)(?:公表|名前|報告|指導|注意)`,
	// English
	`\b(?:must|have to|has to|shall|is required to|are required to) (?:post|comment|react|write|log in|reply)\b`, `\bevery(?:body|one) must\b`,
	`\b(?:post|comment|react|write)(?:s|ing)? (?:at least )?(?:once|twice|\d+ times) (?:a|per|every) (?:day|week)\b`,
	`\b(?:mandatory|compulsory|obligatory) (?:for all|for every(?:body|one)|post(?:s|ing)?|comments?|participation)\b`,
	`\b(?:post(?:s|ing)|participation|commenting) is (?:mandatory|compulsory|obligatory|required)\b`, `\bquotas?\b`,
	`\b(?:violat\w+|offend\w+|who(?:ever)? (?:does|do) not (?:post|comment|react)).{0,40}\b(?:punish\w*|disciplin\w*|penal\w*|fined|sanction\w*)`,
	`\b(?:will|shall|may) be (?:punished|disciplined|penali[sz]ed|fined)\b`, `\bdisciplinary (?:action|measures)\b`,
	`\b(?:affects?|counts? (?:towards?|in)|part of) your (?:evaluation|appraisal|performance review|bonus)\b`,
)

func compile(all ...string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(all))
	for i, s := range all {
		out[i] = regexp.MustCompile(s)
	}
	return out
}

// duty are double negations that demand (しなければならない): they are no negation.
var duty = regexp.MustCompile(`(?:なければ|なけりゃ|ないと|なくては|ねば)(?:なりません|ならない|いけません|いけない|ならず|だめ)?`)

// The ways to say of something that it is not so. What was found counts only where none of them follows in Japanese, or
// stands before in English. After を only not to set one up is a denial: 「ノルマを課しません」, but not 「ノルマを達成できない」.
var (
	negated       = regexp.MustCompile(`ません|ない|なく(?:て|、|す)|なし|無し|無く|不要|禁止|やめ|廃止|撤廃|避け|問わ|ゼロ|とは限ら|せず`)
	achieved      = regexp.MustCompile(`^を(?:[^設課定置求強作与導]|$)`)
	negatedBefore = regexp.MustCompile(`\b(?:no|not|never|without|nobody|neither|nor|free of|don't|doesn't|isn't|aren't|won't|avoids?|cannot)\b[^.;]{0,40}$`)
	negatedAfter  = regexp.MustCompile(`^[^.;]{0,30}\b(?:is|are|do|does|will) not\b|^ (?:nothing|nobody)\b`)
)

// coercion is the words of a folded sentence that force somebody, or "".
func coercion(sentence string) string {
	for _, re := range coercive {
		for _, at := range re.FindAllStringIndex(sentence, -1) {
			if !saidNot(sentence, at[0], at[1]) {
				return sentence[at[0]:at[1]]
			}
		}
	}
	return ""
}

// saidNot reports whether what stands between two places of a sentence is said not to be so.
func saidNot(sentence string, from, to int) bool {
	if negatedBefore.MatchString(sentence[:from]) || negatedAfter.MatchString(sentence[to:]) {
		return true
	}
	after := duty.ReplaceAllStringFunc(sentence, func(d string) string { return strings.Repeat("#", len(d)) })[to:]
	return negated.MatchString(after) && !achieved.MatchString(after)
}

// restWords ask for something in time of rest by themselves.
var restWords = compile(
	`(?:夜|夜間|深夜|早朝|休日|祝日|週末|土日|休暇中|就業後|終業後|勤務時間外|業務時間外|時間外)(?:で|に|であって)も`,
	`(?:夜間|深夜|休日|土日)を問わず`, `昼夜を問わず`, `24時間365日`, `いつでも(?:すぐ|即|直ちに)`, `(?:即時|即|直ちに)(?:に)?返(?:信|答|事)`,
	`\b(?:even )?(?:at night|on weekends|on holidays|after hours|outside working hours) (?:too|as well)\b`, `\beven (?:at night|on weekends|on holidays|after hours|outside working hours|in the evening)\b`,
	`\b24/7\b`, `\bat any hour\b`,
)

var (
	// within is a time to answer that runs on through the night, unless it is counted in working time.
	within   = regexp.MustCompile(`([0-9]{1,3}) ?時間以内|\bwithin ([0-9]{1,3}) hours?\b`)
	business = regexp.MustCompile(`業務時間|営業時間|勤務時間|就業時間|営業日|business (?:hours?|days?)|working (?:hours?|days?)`)
	// clock is a time of day.
	clock = regexp.MustCompile(`([0-9]{1,2})(?:時|:00)(?:以降|過ぎ|まで)?(?:で|に|は)?も|\b(?:after|until|even at) ([0-9]{1,2}) ?(pm|p\.m\.|am|a\.m\.)`)
	// asks is what a clause wants of somebody.
	asks = regexp.MustCompile(`返(?:信|事|答)|回答|反応|投稿|コメント|対応|確認|書き込|応え|答え|\b(?:answer|reply|respond|react|post|comment|read|check)`)
)

// restless is what a folded sentence asks of people in time of rest, or "".
func restless(sentence string, hours *calendar.Schedule, now time.Time) string {
	if !asks.MatchString(sentence) {
		return ""
	}
	for _, re := range restWords {
		for _, at := range re.FindAllStringIndex(sentence, -1) {
			if !saidNot(sentence, at[0], at[1]) {
				return sentence[at[0]:at[1]]
			}
		}
	}
	for _, m := range within.FindAllStringSubmatchIndex(sentence, -1) {
		n := number(sentence, m, 1, 2)
		if !business.MatchString(sentence) && n > 0 && !saidNot(sentence, m[0], m[1]) && passesRest(hours, now, n) {
			return sentence[m[0]:m[1]]
		}
	}
	if hours == nil {
		return ""
	}
	for _, m := range clock.FindAllStringSubmatchIndex(sentence, -1) {
		h := number(sentence, m, 1, 2)
		if m[6] >= 0 && strings.HasPrefix(sentence[m[6]:m[7]], "p") && h < 12 {
			h += 12
		}
		if h <= 24 && !saidNot(sentence, m[0], m[1]) && !opensAt(hours, now, h) {
			return sentence[m[0]:m[1]]
		}
	}
	return ""
}

func number(s string, m []int, groups ...int) int {
	for _, g := range groups {
		if m[2*g] >= 0 {
			n, _ := strconv.Atoi(s[m[2*g]:m[2*g+1]]) // digits only
			return n
		}
	}
	return 0
}

// passesRest reports whether so many hours from the end of a working day on are all, or mostly, time of rest: an answer
// within them has to be written then.
func passesRest(hours *calendar.Schedule, now time.Time, n int) bool {
	if hours == nil {
		return n <= 48 // over two days there is a working day as a rule
	}
	at := now
	for range 7 {
		closes, ok := hours.NextClose(at)
		if !ok {
			return false
		}
		if hours.BusinessBetween(closes, closes.Add(time.Duration(n)*time.Hour)) == 0 {
			return true // as on a Friday evening
		}
		at = closes.Add(time.Minute)
	}
	return false
}

// opensAt reports whether somebody works at an hour of the day on any of the next seven days.
func opensAt(hours *calendar.Schedule, now time.Time, hour int) bool {
	day := hours.Date(now)
	for range 7 {
		if hours.IsOpen(time.Date(day.Year, day.Month, day.Day, hour, 0, 0, 0, hours.Zone())) {
			return true
		}
		day = day.AddDays(1)
	}
	return false
}
