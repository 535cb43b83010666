package feed

import "github.com/engawa-sns/engawa"

var (
	msgNotFound = engawa.Message{Code: "feed.not_found",
		EN: "does not exist, or is not for you to see", JA: "見つかりません。削除されたか、閲覧できないものです"}
	msgMembersOnly = engawa.Message{Code: "feed.members_only",
		EN: "is for its members: ask one of its hosts to add you", JA: "メンバー限定です。世話役に追加を依頼してください"}
	msgHostsOnly = engawa.Message{Code: "feed.hosts_only",
		EN: "only its hosts and the stewards may do that", JA: "世話役または担当者だけが行えます"}
	msgPostsByHosts = engawa.Message{Code: "feed.posts_by_hosts",
		EN: "only its hosts post here: comment instead, or ask one of them", JA: "投稿できるのは世話役だけです。コメントするか、世話役に依頼してください"}
	msgPostsByMembers = engawa.Message{Code: "feed.posts_by_members",
		EN: "only its members post here: join first", JA: "投稿できるのはメンバーだけです。先に参加してください"}
	msgArchived = engawa.Message{Code: "feed.archived",
		EN: "is archived and takes nothing new: ask its hosts to open it again", JA: "アーカイブ済みのため書き込めません。再開は世話役に依頼してください"}
	msgRetracted = engawa.Message{Code: "feed.retracted",
		EN: "was retracted", JA: "取り下げられています"}
	msgCovered = engawa.Message{Code: "feed.covered",
		EN: "out of sight while a change to it is being looked at", JA: "変更内容の確認が終わるまで非表示"}
	msgAuthorOnly = engawa.Message{Code: "feed.author_only",
		EN: "only its author may change the text", JA: "本文を変更できるのは投稿者だけです"}
	msgAuthorOrHosts = engawa.Message{Code: "feed.author_or_hosts",
		EN: "only its author and the hosts of the space may do that", JA: "投稿者とスペースの世話役だけが行えます"}
	msgRestoreOwn = engawa.Message{Code: "feed.restore_own",
		EN: "was retracted by somebody else: ask the hosts of the space", JA: "ほかの人が取り下げたものです。スペースの世話役に依頼してください"}
	msgRestoreSystem = engawa.Message{Code: "feed.restore_system",
		EN: "was retracted by the desk, or by somebody who has left: ask the desk", JA: "窓口または退職した人が取り下げたものです。窓口に依頼してください"}
	msgWhyNeeded = engawa.Message{Code: "feed.why_needed",
		EN: "must say why, when the text is somebody else's", JA: "他の人の投稿を取り下げるときは理由を入力してください"}
	msgNoAuthor = engawa.Message{Code: "feed.no_author",
		EN: "the system is nobody: name the person as actor", JA: "システムとしては行えません。本人をactorに指定してください"}
	msgSystemOnly = engawa.Message{Code: "feed.system_only",
		EN: "only engawa.System may do that", JA: "engawa.Systemだけが行えます"}
	msgStewardsOnly = engawa.Message{Code: "feed.stewards_only",
		EN: "only the tenant's stewards may do that", JA: "担当者だけが行えます"}
	msgMayNotCreate = engawa.Message{Code: "feed.may_not_create",
		EN: "you may not create spaces here: ask a steward", JA: "スペースを作成する権限がありません。担当者に依頼してください"}
	msgSecretJoin = engawa.Message{Code: "feed.secret_join",
		EN: `needs Join "invite"`, JA: "参加方法が「招待」のときだけ指定できます"}
	msgNoKeys = engawa.Message{Code: "feed.no_keys",
		EN: "must name at least one key, or nobody could read the space", JA: "閲覧条件を一つ以上指定してください"}
	msgStale = engawa.Message{Code: "feed.stale",
		EN: "was changed meanwhile and is at version %d: read it again", JA: "ほかの変更がありました(現在の版: %d)。読み直してください"}
	msgBusy = engawa.Message{Code: "feed.busy",
		EN: "others change it all the time: try again", JA: "ほかの変更が続いています。しばらくしてからやり直してください"}
	msgKeyUsed = engawa.Message{Code: "feed.key_used",
		EN: "the idempotency key was used for another input: use a new one", JA: "この冪等キーは別の内容で使われています。新しいキーを使ってください"}
	msgUnknownPerson = engawa.Message{Code: "feed.unknown_person",
		EN: "the directory knows nobody by the id %q", JA: "ID「%s」の人が見つかりません"}
	msgEntryRef = engawa.Message{Code: "feed.entry_ref",
		EN: "must point at a post or a comment", JA: "投稿またはコメントを指定してください"}
	msgFuture = engawa.Message{Code: "feed.future",
		EN: "lies in the future", JA: "未来の日時になっています"}
	msgPast = engawa.Message{Code: "feed.past",
		EN: "must lie in the future", JA: "未来の日時を指定してください"}
	msgAsked = engawa.Message{Code: "feed.asked",
		EN: "the author has to confirm first: see the verdict, then call again with its token", JA: "投稿前に本人の確認が必要です"}
	msgRefused = engawa.Message{Code: "feed.refused",
		EN: "the gate refused it: see the verdict", JA: "この内容は投稿できません"}
	msgDecided = engawa.Message{Code: "feed.decided",
		EN: "was decided otherwise already", JA: "すでに別の決定がされています"}
	msgFollowSelf = engawa.Message{Code: "feed.follow_self",
		EN: "must be somebody else", JA: "自分以外の人を指定してください"}
	msgTooMany = engawa.Message{Code: "feed.too_many",
		EN: "%d at once: at most %d", JA: "%d件あります。一度に%d件までです"}
	msgTooFast = engawa.Message{Code: "feed.too_fast",
		EN: "at most %d in %v: wait %v", JA: "%[2]vあたり%[1]d件までです。%[3]v後にやり直してください"}
	msgNoTag = engawa.Message{Code: "feed.no_tag",
		EN: "is not a tag: 1 to 64 letters, digits, _ or ・", JA: "タグとして正しくありません(文字・数字・_・・で64文字まで)"}
	msgIDTaken = engawa.Message{Code: "feed.id_taken",
		EN: "the id is taken: try again", JA: "IDが重複しました。やり直してください"}
	msgImportEmpty = engawa.Message{Code: "feed.import_empty",
		EN: "has neither text nor attachments", JA: "本文も添付ファイルもありません"}
	msgImportNoID = engawa.Message{Code: "feed.import_no_id",
		EN: "must be the thing's id in the other system", JA: "移行元でのIDを指定してください"}
	msgImportNothing = engawa.Message{Code: "feed.import_nothing",
		EN: "must be a space, a member, a post or a comment", JA: "スペース・メンバー・投稿・コメントのいずれかを指定してください"}
	msgImportParent = engawa.Message{Code: "feed.import_parent",
		EN: "comment %q belongs to another post", JA: "コメント「%s」は別の投稿のものです"}
	msgImportRef = engawa.Message{Code: "feed.import_ref",
		EN: "%s %q was not imported", JA: "%s「%s」が取り込まれていません"}
)
