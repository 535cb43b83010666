package engawa

import "fmt"

// Lang is a language of user-visible text, by its BCP 47 tag.
type Lang string

// The languages that the catalogue has.
const (
	Japanese Lang = "ja"
	English  Lang = "en"
)

// Message is a text for people in every language of the catalogue. Each room declares its own in its messages.go. A
// host that wants other words, or another language, switches on Code and fills in Args itself.
type Message struct {
	// Code is stable, dotted and lower-case, such as "space.closed".
	Code string
	// EN and JA are formats of package fmt with the same verbs.
	EN, JA string
	Args   []any
}

// With is the message with its arguments.
func (m Message) With(args ...any) Message {
	m.Args = args
	return m
}

// In is the message's text: Japanese for [Japanese], English for everything else.
func (m Message) In(lang Lang) string {
	format := m.EN
	if lang == Japanese {
		format = m.JA
	}
	if len(m.Args) == 0 {
		return format
	}
	return fmt.Sprintf(format, m.Args...)
}

var (
	msgIDForm = Message{Code: "id.form",
		EN: "must be the 13 letters and digits that engawa gave", JA: "engawaが発行した13文字のIDを指定してください"}
	msgRefForm = Message{Code: "ref.form",
		EN: `must have the form "kind:id"`, JA: "「種類:ID」の形で指定してください"}
	msgEmpty = Message{Code: "text.empty",
		EN: "must not be empty", JA: "入力してください"}
	msgTooLong = Message{Code: "text.long",
		EN: "is %d bytes long: at most %d are allowed", JA: "%dバイトあります。%dバイト以内にしてください"}
	msgNotUTF8 = Message{Code: "text.utf8",
		EN: "is not valid UTF-8: convert it first", JA: "UTF-8として正しくありません。変換してから渡してください"}
	msgControl = Message{Code: "text.control",
		EN: "holds a control character (U+%04X): remove it", JA: "制御文字(U+%04X)が含まれています。取り除いてください"}
	msgTimeRange = Message{Code: "time.range",
		EN: "must lie between %d and %d", JA: "%d年から%d年の間で指定してください"}
	msgCursor = Message{Code: "cursor.foreign",
		EN: "does not belong to this list: start again from the first page", JA: "この一覧のカーソルではありません。最初のページから読み直してください"}
	msgDirectory = Message{Code: "directory.failed",
		EN: "the directory did not answer: %v", JA: "組織情報を取得できませんでした: %v"}
	msgDirectoryLies = Message{Code: "directory.answer",
		EN: "the directory gave an answer that cannot be used: %s", JA: "組織情報の内容に誤りがあります: %s"}
	msgUnknownPerson = Message{Code: "person.unknown",
		EN: "no such person: check the id, or add the person to the directory first", JA: "該当する人がいません。IDを確かめるか、先に組織情報へ登録してください"}
)
