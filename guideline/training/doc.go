// Package training teaches the guideline (研修): courses by level, sessions that recur, practice that is verified by what
// people really do, feedback, follow-up and refreshers.
//
// A rule that was read once is forgotten. So a [Course] is bound to the clauses that it teaches, has steps such as "post
// once with the template" or "answer a question" that the network itself sees done ([Service.Notify]), asks some weeks
// later what is left of it, and is offered again when a clause has changed in what it means.
//
//	course, err := s.PutCourse(ctx, steward, training.Course{Name: "はじめての投稿", Level: training.Introductory, Steps: …})
//	err = s.OpenCourse(ctx, steward, course.ID)
//	session, err := s.PutSession(ctx, steward, training.Session{Course: course.ID, Day: day, Time: span, Zone: "Asia/Tokyo",
//		Rule: "FREQ=MONTHLY;BYDAY=1MO", OnHoliday: training.ShiftHoliday, Place: "3F", Capacity: 12})
//	seat, err := s.Reserve(ctx, person, session.ID, day)
//
// # Whose affair it is
//
// To enrol is voluntary, and how far somebody has come is theirs: nobody else reads it. Stewards see numbers, from
// [Floor] persons on; a trainer sees who takes part in the own sessions. Only of courses marked as certified (法定研修),
// which a person knows before enrolling, stewards see who has completed them, and each such export is an event. Feedback is
// tied to nobody and shown in groups of [Floor]. A refresher after an upheld report is offered to that person alone: its
// event and its notice look like those of every other offer, and name neither clause nor reason.
//
// # When sessions take place
//
// A session has a day, a time by the clocks of its zone, and perhaps a rule (RRULE of RFC 5545, read by a library).
// Occurrences are computed for the time that is asked for and never stored; each is known by the day that its rule names,
// also after it was moved. A time that the clocks skip becomes the moment of the change. Rules are bounded: at least a day
// apart, [MaxYears] long, [MaxCount] times. The company calendar says which days are holidays: one that works on a
// national holiday keeps its session.
//
// # Seats
//
// Changes of a session's seats happen one after the other under the lock of its row, so there are never more than its
// capacity; others wait, and the first in line gets what becomes free.
//
// # Caveats
//
// Attendance is what was recorded, by the trainer or by oneself in a window around the session. What was learnt stays
// learnt: a post that is taken back does not undo the step that it showed. Whoever sees the event log sees who enrolled:
// keep it from those who need not.
package training
