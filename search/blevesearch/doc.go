// Package blevesearch is the search engine on the local disk.
package blevesearch
