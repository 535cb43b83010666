// Package engawa (縁側) adds an internal social network (社内SNS) to groupware that exists already.
package engawa
