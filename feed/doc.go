// Package feed publishes posts (投稿) to the people who should see them and reads them back.
//
// A post lives in exactly one space, and the space is the only unit of access. Who may read a space is decided when
// somebody reads, from the keys that the host's Directory gives for that person at that moment, so a transfer
// (人事異動) takes effect on the next read: in timelines, counts and mentions alike. All of it is decided in one file,
// door.go.
//
//	space, err := s.CreateSpace(ctx, host, feed.NewSpace{
//		Name:    "営業のコツ",
//		Purpose: feed.Purpose{Why: "勝ち方を共有する", For: "うまくいった提案", NotFor: "数字の報告"},
//		Access:  []feed.Key{feed.InOrgOrBelow("sales")},
//	})
//	post, err := s.Publish(ctx, actor, feed.NewPost{Space: space.ID, Body: "見積書は**その日**に出すと通りやすい #提案"})
//	page, err := s.Home(ctx, reader, feed.Window{})
//
// # Access and membership
//
// Access is what somebody may read; membership is what their home shows. A space that everybody with a key joins by
// itself ([JoinAuto]) has no row for a member until they mark something read or leave. [JoinOpen] shows on the home of
// those who joined. [JoinInvite] may be read only by those whom a host added and who hold a key, if it has any; where
// it is secret, nobody else learns that it exists. To someone who may not know of a thing, it is not found: the same
// message after the same work as for a thing that does not exist.
//
// # Order
//
// Timelines run by publication, newest first, and their pages are keysets over [engawa.ID]. Each space also counts its
// posts; the count is given inside the publishing transaction, and read marks go by it, because ids are made before
// the commit. One's own posts never count as unread, nor do imported, retracted and expired ones.
//
// # Seen, read, hidden
//
// Seen is not read: [Service.MarkRead] notes how far somebody has come in a space, and [Service.View] that they opened a
// post, which is what receipts go by. [Service.MarkUnread] takes posts back without moving the mark.
//
// A block ([Service.Block]) works both ways and is decided in door.go when somebody reads, as access is; so a post beyond
// one is not found. A mute ([Service.Mute]) works one way, and on the home, in unread and for notices alone. Neither is
// seen by anybody else. Other rooms ask [Service.Hides] about what they show of people, and [Service.WhoHides] before
// they notify.
//
// # Who may stop a post
//
// A [Gate], such as the one of package moderation, is asked inside the transaction, before anything is written. What it
// holds waits as [Pending]; the id that Publish returned then stays an alias of the post for ever.
//
// # Notices
//
// A [Notice] (通知) tells one person of one subject: [Service.Notify] makes it of an event, and [Service.Notices] lists it.
// Comments, replies and reactions to one subject make one notice a day, however many they are. Nobody is told of what
// they did themselves, of what was imported, or of what they may not see: that is looked at when a notice is made, when
// it is delivered and when it is listed. What each person wants to be told of, and how, is theirs to choose
// ([NoticePreferences]).
//
// [Service.DeliverNotices] hands notices to the host's [Notifier], at least once, with a key that tells repetitions. What
// comes in outside a person's working hours waits for their next opening; only a mention in an announcement that must
// be acknowledged, or in a desk question, does not wait. A notice is delivered once: what joins it later shows in the
// list alone. [Service.SendDigests] tells those who were away what they have missed. Who has never joined a space, been
// taken into one, or marked anything as read, gets none. Of an announcement with a date those who have not acknowledged it
// are reminded ahead of it and when it has come ([Service.RemindUnacknowledged]).
//
// # Limits
//
// [MaxBody] bytes a body, and those of package feed/body for what is in it; [MaxAttachments] attachments; 100 keys and
// 100 hosts a space; pages of at most [MaxLimit]. Rates are counted per process.
package feed
