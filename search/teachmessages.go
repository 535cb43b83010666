package search

import "github.com/engawa-sns/engawa"

var (
	msgNoStore = engawa.Message{Code: "search.no_store",
		EN: "nothing is kept here: set Config.Store, bunstore/searchstore has one", JA: "保存先がありません。Config.Storeにbunstore/searchstoreなどを設定してください"}
	msgIDTaken = engawa.Message{Code: "search.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgStewardsOnly = engawa.Message{Code: "search.stewards_only",
		EN: "only stewards may do that: ask one of them", JA: "担当者だけが行えます。担当者に依頼してください"}
	msgNobody = engawa.Message{Code: "search.nobody",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgNotFound = engawa.Message{Code: "search.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}

	msgBlankWord = engawa.Message{Code: "synonym.blank",
		EN: "%q has no letter or digit: leave it out", JA: "「%s」には文字も数字もありません。取り除いてください"}
	msgSameWord = engawa.Message{Code: "synonym.same",
		EN: "%q and %q are the same word for a search: one is enough", JA: "「%s」と「%s」は検索では同じ語です。一方だけにしてください"}
	msgOneWord = engawa.Message{Code: "synonym.one",
		EN: "needs another word that means the same", JA: "同じ意味の語がもう一つ必要です"}
	msgTooManyWords = engawa.Message{Code: "synonym.many",
		EN: "has %d words: at most %d are used, so make two groups of it", JA: "%d語あります。使えるのは%d語までです。二つの組に分けてください"}
	msgTooManySynonyms = engawa.Message{Code: "synonym.limit",
		EN: "there would be %d groups of synonyms: at most %d are kept, drop some first", JA: "同義語が%d組になります。登録できるのは%d組までです。先に不要なものを削除してください"}
	msgSynonymThere = engawa.Message{Code: "synonym.there",
		EN: "another group says the same already", JA: "同じ内容の同義語がすでにあります"}
	msgReading = engawa.Message{Code: "word.reading",
		EN: "%q must be written in kana", JA: "「%s」は読みです。かなで入力してください"}
	msgTooManyTaught = engawa.Message{Code: "word.limit",
		EN: "there would be %d words: at most %d are kept, drop some first", JA: "単語が%d語になります。登録できるのは%d語までです。先に不要なものを削除してください"}
	msgArrows = engawa.Message{Code: "import.arrows",
		EN: "has more than one =>: write one group a line", JA: "=>が二つ以上あります。一行に一組ずつ書いてください"}
	msgOneSided = engawa.Message{Code: "import.one_sided",
		EN: "needs words on both sides of =>", JA: "=>の左右両方に語が必要です"}
	msgLine = engawa.Message{Code: "import.line",
		EN: "cannot be read: %s", JA: "読み取れません: %s"}
	msgLongImport = engawa.Message{Code: "import.long",
		EN: "is longer than %d bytes: import it in parts", JA: "%dバイトを超えています。分けて取り込んでください"}

	msgNothingToWatch = engawa.Message{Code: "saved.nothing",
		EN: "nothing that is new can be told apart by it: add a word, a tag, a space or a person", JA: "新着を見分ける条件がありません。語・タグ・スペース・人のいずれかを加えてください"}
	msgNothingToFind = engawa.Message{Code: "saved.empty",
		EN: "there is nothing in it to search for", JA: "検索する内容がありません"}
	msgTooManySaved = engawa.Message{Code: "saved.limit",
		EN: "you have %d saved searches, which is all that are kept: drop one first", JA: "保存した検索が上限の%d件あります。先に一つ削除してください"}
	msgSavedName = engawa.Message{Code: "saved.name",
		EN: "you have another saved search of the name %q: choose another", JA: "「%s」という名前の検索がすでにあります。別の名前にしてください"}
)

func denied(why engawa.Message) error { return &engawa.Error{Kind: engawa.Denied, Message: why} }

func notFound(subject string) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: subject, Message: msgNotFound}
}

func tooLarge(field string, m engawa.Message) error {
	e := &engawa.Error{Kind: engawa.TooLarge}
	if field == "" {
		e.Message = m
	} else {
		e.Fields = []engawa.Field{{Name: field, Message: m}}
	}
	return e
}
