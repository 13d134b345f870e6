package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
)

// The statements about users, as the server sends them. renameSQL leaves the record of a change too, in the one statement
// that costs least: $2 is the name, $3 the request's id, $4 the client's address, $5 the fields.
const (
	userColumns = "id, email, full_name, organization_id, department_id, is_active, version, created_at, updated_at"
	userSQL     = "SELECT " + userColumns + " FROM identity.users WHERE id = $1 AND deleted_at IS NULL"
	usersSQL    = "SELECT " + userColumns + " FROM identity.users WHERE deleted_at IS NULL ORDER BY id ASC LIMIT $1"
	renameSQL   = "WITH changed AS (UPDATE identity.users SET full_name = $2, version = version + 1, updated_at = now()" +
		" WHERE id = $1 AND deleted_at IS NULL RETURNING " + userColumns + "), kept AS (INSERT INTO journal.entries" +
		" (actor_kind, actor_id, request_id, address, operation, kind, subject_kind, subject_id, organization_id, department_id, personal)" +
		" SELECT 'user', 1, $3, $4::inet, 'update-user', 'user.changed', 'user', id, organization_id, department_id, $5::jsonb FROM changed)" +
		" SELECT * FROM changed"
)

// user is in the order of the columns.
type user struct {
	ID             int64     `json:"id"`
	Email          string    `json:"email"`
	FullName       *string   `json:"full_name"`
	OrganizationID *int64    `json:"organization_id"`
	DepartmentID   *int64    `json:"department_id"`
	IsActive       bool      `json:"is_active"`
	Version        int64     `json:"-"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

func (b bare) user(c *gin.Context) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "id is not a number"})
		return
	}
	b.answerUser(c, userSQL, id)
}

func (b bare) users(c *gin.Context) {
	limit, err := strconv.Atoi(c.DefaultQuery("limit", strconv.Itoa(listLimit)))
	if err != nil || limit < 1 {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "limit is not a number above 0"})
		return
	}
	rows, err := b.pool.Query(c.Request.Context(), usersSQL, limit+1)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[user])
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusOK, all[:min(limit, len(all))])
}

func (b bare) renameUser(c *gin.Context) {
	var in struct {
		FullName string `json:"full_name" binding:"required,max=255"`
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err := errors.Join(err, c.ShouldBindJSON(&in)); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return
	}
	fields, err := json.Marshal(map[string][2]any{"full_name": {nil, in.FullName}})
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	client, _, err := net.SplitHostPort(c.Request.RemoteAddr)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	var request [16]byte
	_, _ = rand.Read(request[:]) // it never fails
	b.answerUser(c, renameSQL, id, in.FullName, hex.EncodeToString(request[:]), client, string(fields))
}

func (b bare) answerUser(c *gin.Context, sql string, args ...any) {
	var u user
	err := b.pool.QueryRow(c.Request.Context(), sql, args...).
		Scan(&u.ID, &u.Email, &u.FullName, &u.OrganizationID, &u.DepartmentID, &u.IsActive, &u.Version, &u.CreatedAt, &u.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		c.JSON(http.StatusNotFound, gin.H{"error": "not found"})
		return
	}
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusOK, u)
}
