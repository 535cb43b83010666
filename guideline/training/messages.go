package training

import "github.com/engawa-sns/engawa"

var (
	msgNotFound = engawa.Message{Code: "training.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgNobody = engawa.Message{Code: "training.nobody",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgStewardsOnly = engawa.Message{Code: "training.stewards_only",
		EN: "only stewards may do that: ask one of them", JA: "担当者だけが行えます。担当者に依頼してください"}
	msgSystemOnly = engawa.Message{Code: "training.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgTrainersOnly = engawa.Message{Code: "training.trainers_only",
		EN: "only its trainer and stewards may do that", JA: "この開催の講師と担当者だけが行えます"}
	msgIDTaken = engawa.Message{Code: "training.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgStale = engawa.Message{Code: "training.stale",
		EN: "was changed meanwhile and has version %d now: read it again", JA: "ほかの人が変更しました(現在の版: %d)。読み直してください"}
	msgTwice = engawa.Message{Code: "training.twice",
		EN: "%q is there twice", JA: "「%s」が重複しています"}
	msgNoQuestion = engawa.Message{Code: "training.no_question",
		EN: "say what is asked after those weeks", JA: "フォローアップの質問を入力してください"}
	msgNoKind = engawa.Message{Code: "training.no_kind",
		EN: "no kind of step is called %q: see training.Matchers, or add it to Config.Matchers", JA: "ステップの種類「%s」はありません。training.Matchersを確かめるか、Config.Matchersに追加してください"}
	msgNoProof = engawa.Message{Code: "training.no_proof",
		EN: "steps of kind %q need a Proof: set Config.Proof", JA: "種類「%s」のステップには確認方法が必要です。Config.Proofを設定してください"}
	msgStepsStay = engawa.Message{Code: "training.steps_stay",
		EN: "was opened: its steps and certification stay as they are; close it and make another course", JA: "公開済みの講座では、ステップと修了証明の要否を変更できません。受付を終了し、新しい講座を作ってください"}
	msgNotOpened = engawa.Message{Code: "training.not_opened",
		EN: "was not opened yet", JA: "まだ公開されていません"}
	msgClosed = engawa.Message{Code: "training.closed",
		EN: "takes nobody in at present: choose an open course", JA: "現在は受付していません。受付中の講座を選んでください"}
	msgCompleted = engawa.Message{Code: "training.completed",
		EN: "is completed, and stays so", JA: "修了済みの講座は取り消せません"}
	msgTooManyCourses = engawa.Message{Code: "training.too_many_courses",
		EN: "there are %d courses already: change a closed one", JA: "講座は%d件までです。終了した講座を書き換えてください"}
	msgTooManySessions = engawa.Message{Code: "training.too_many_sessions",
		EN: "the course has %d sessions already: make another course", JA: "1講座の開催は%d件までです。新しい講座を作ってください"}
	msgTooManyOccurrences = engawa.Message{Code: "training.too_many_occurrences",
		EN: "there are more than %d: ask for a shorter time", JA: "%d件を超えています。期間を短くしてください"}
	msgTooManyWait = engawa.Message{Code: "training.too_many_wait",
		EN: "%d people wait already: choose another day", JA: "すでに%d人がキャンセル待ちです。別の日を選んでください"}
	msgTooManyPeople = engawa.Message{Code: "training.too_many_people",
		EN: "%d persons at once: at most %d", JA: "%d人が指定されました。一度に%d人までです"}
	msgTooManyClauses = engawa.Message{Code: "training.too_many_clauses",
		EN: "%d clauses at once: at most %d", JA: "条項が%d件あります。一度に%d件までです"}
	msgDay = engawa.Message{Code: "training.day",
		EN: "must be an existing day", JA: "実在する日付を指定してください"}
	msgSpan = engawa.Message{Code: "training.span",
		EN: "must begin within the day and last from one minute to 24 hours", JA: "0時から23時59分の間に始まり、1分以上24時間以内にしてください"}
	msgZone = engawa.Message{Code: "training.zone",
		EN: "%q is no time zone: write an IANA name such as Asia/Tokyo", JA: "タイムゾーン「%s」はありません。Asia/TokyoのようなIANA名で指定してください"}
	msgNoPlace = engawa.Message{Code: "training.no_place",
		EN: "say where: a place, a URL, or both", JA: "場所かURLを入力してください"}
	msgNoCalendar = engawa.Message{Code: "training.no_calendar",
		EN: "nobody knows the holidays: set Config.Hours", JA: "休日が分かりません。Config.Hoursを設定してください"}
	msgRule = engawa.Message{Code: "training.rule",
		EN: "is no rule that can be used: %s", JA: "繰り返しの指定に誤りがあります: %s"}
	msgFrequency = engawa.Message{Code: "training.frequency",
		EN: "must be FREQ=DAILY, WEEKLY, MONTHLY or YEARLY", JA: "FREQはDAILY、WEEKLY、MONTHLY、YEARLYのいずれかにしてください"}
	msgCount = engawa.Message{Code: "training.count",
		EN: "repeats %d times: at most %d", JA: "繰り返しが%d回あります。%d回までです"}
	msgInterval = engawa.Message{Code: "training.interval",
		EN: "has an interval of %d: at most %d", JA: "間隔が%dです。%dまでです"}
	msgUntil = engawa.Message{Code: "training.until",
		EN: "ends before it begins: choose a later UNTIL", JA: "開始より前に終わっています。UNTILを後の日時にしてください"}
	msgNever = engawa.Message{Code: "training.never",
		EN: "never takes place within %d years: check the rule, the exceptions and the holidays", JA: "%d年以内に一度も開催されません。繰り返し・除外日・休日の扱いを確かめてください"}
	msgPast = engawa.Message{Code: "training.past",
		EN: "lies in the past: choose a time to come", JA: "過去の日時です。これからの日時を指定してください"}
	msgWindow = engawa.Message{Code: "training.window",
		EN: "must be after the beginning, by at most %d days", JA: "開始より後で、%d日以内にしてください"}
	msgTooFar = engawa.Message{Code: "training.too_far",
		EN: "is more than %d days away: cancel the occurrence and plan another session", JA: "%d日を超えて動かせません。この回を中止し、別の開催を作ってください"}
	msgNoOccurrence = engawa.Message{Code: "training.no_occurrence",
		EN: "does not take place on that day: see Occurrences", JA: "その日の開催はありません。日程を確かめてください"}
	msgCourseStays = engawa.Message{Code: "training.course_stays",
		EN: "a session stays with its course", JA: "開催を別の講座に移すことはできません"}
	msgHasSeats = engawa.Message{Code: "training.has_seats",
		EN: "people have seats to come: move or cancel single occurrences, or plan another session", JA: "申込があるため日程全体は変えられません。回ごとに変更・中止するか、別の開催を作ってください"}
	msgCancelled = engawa.Message{Code: "training.cancelled",
		EN: "was cancelled: choose another", JA: "中止されました。別の回を選んでください"}
	msgBegun = engawa.Message{Code: "training.begun",
		EN: "has begun or is over: choose another", JA: "すでに始まったか終わっています。別の回を選んでください"}
	msgTooEarly = engawa.Message{Code: "training.too_early",
		EN: "attendance is recorded from %d minutes before it begins", JA: "出席の記録は開始の%d分前からです"}
	msgTooLate = engawa.Message{Code: "training.too_late",
		EN: "is over for too long: ask a steward", JA: "受付期間が過ぎています。担当者に相談してください"}
	msgNoSeat = engawa.Message{Code: "training.no_seat",
		EN: "no seat was reserved: reserve one first", JA: "申込がありません。先に申し込んでください"}
	msgNotThere = engawa.Message{Code: "training.not_there",
		EN: "feedback is for those whose attendance was recorded", JA: "出席が記録された人だけが回答できます"}
	msgAnswered = engawa.Message{Code: "training.answered",
		EN: "was answered already", JA: "すでに回答済みです"}
	msgScore = engawa.Message{Code: "training.score",
		EN: "a score is from 1 to 5, and belongs to feedback and to a follow-up that is answered", JA: "1から5の評価を、アンケートまたはフォローアップの回答にだけ指定してください"}
	msgNotCertified = engawa.Message{Code: "training.not_certified",
		EN: "is no certified training: who completed it is their own affair", JA: "修了証明の対象ではないため、修了者は本人にしか分かりません"}
	msgReason = engawa.Message{Code: "training.reason",
		EN: "%q is no reason: use ReasonChanged, ReasonUpheld or ReasonAdvised", JA: "理由「%s」はありません。ReasonChanged、ReasonUpheld、ReasonAdvisedのいずれかにしてください"}
)
