package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"erp.internal/platform/search"
)

// runBare is contender (b): Gin and pgx as an ordinary good engineer puts them together, with nothing around them. It stores what
// an organization is searched by, as the server does: the rows are alike.
func runBare(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet(bareCommand, flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:0", "where to listen")
	admin := flags.String("admin", "127.0.0.1:0", "where to serve profiles")
	size := flags.Int("pool", 8, "connections to the database that DATABASE_URL names")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return errors.New("DATABASE_URL is not understood")
	}
	config.MaxConns = int32(*size) //nolint:gosec // a number of connections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer pool.Close()

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	routes := bare{pool}
	engine.GET("/organizations/:id", routes.get)
	engine.GET("/organizations/", routes.list)
	engine.POST("/organizations/", routes.create)
	engine.POST(recordedPath, routes.createRecorded)
	engine.GET("/users/:id", routes.user)
	engine.GET("/users/", routes.users)
	engine.PUT("/users/:id", routes.renameUser)

	api := &http.Server{Addr: *addr, Handler: engine, ReadHeaderTimeout: 5 * time.Second}
	profiles := &http.Server{Addr: *admin, Handler: profilesOnly(), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 2)
	for _, server := range []*http.Server{profiles, api} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", server.Addr)
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case <-ctx.Done():
		return errors.Join(api.Close(), profiles.Close())
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	}
}

func profilesOnly() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	return mux
}

type bare struct{ pool *pgxpool.Pool }

// organization is in the order of the columns.
type organization struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Description *string   `json:"description"`
	Version     int64     `json:"-"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func (b bare) get(c *gin.Context) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "id is not a number"})
		return
	}
	var o organization
	err = b.pool.QueryRow(c.Request.Context(), getSQL, id).Scan(&o.ID, &o.Name, &o.Description, &o.Version, &o.CreatedAt, &o.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		c.JSON(http.StatusNotFound, gin.H{"error": "not found"})
		return
	}
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusOK, o)
}

func (b bare) list(c *gin.Context) {
	limit, err := strconv.Atoi(c.DefaultQuery("limit", strconv.Itoa(listLimit)))
	if err != nil || limit < 1 {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": "limit is not a number above 0"})
		return
	}
	rows, err := b.pool.Query(c.Request.Context(), listSQL, limit+1)
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[organization])
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusOK, all[:min(limit, len(all))])
}

// recordedPath is where a POST leaves a record of what it stored, as it does with (c).
const recordedPath = "/recorded/"

type newOrganization struct {
	Name        string  `json:"name" binding:"required,max=255"`
	Description *string `json:"description"`
}

func (b bare) create(c *gin.Context) {
	if in, ok := bound(c); ok {
		forms := search.FormsOf(&in.Name, in.Description)
		b.store(c, createSQL, in.Name, in.Description, forms.Keys, forms.Grams)
	}
}

func (b bare) createRecorded(c *gin.Context) {
	in, ok := bound(c)
	if !ok {
		return
	}
	fields, err := json.Marshal(map[string][2]any{"name": {nil, in.Name}, "description": {nil, in.Description}})
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
	forms := search.FormsOf(&in.Name, in.Description)
	b.store(c, recordSQL, in.Name, in.Description, forms.Keys, forms.Grams, hex.EncodeToString(request[:]), client, string(fields))
}

func bound(c *gin.Context) (in newOrganization, ok bool) {
	if err := c.ShouldBindJSON(&in); err != nil {
		c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
		return in, false
	}
	return in, true
}

func (b bare) store(c *gin.Context, sql string, args ...any) {
	var o organization
	err := b.pool.QueryRow(c.Request.Context(), sql, args...).
		Scan(&o.ID, &o.Name, &o.Description, &o.Version, &o.CreatedAt, &o.UpdatedAt)
	var violation *pgconn.PgError
	if errors.As(err, &violation) && violation.Code == "23505" {
		c.JSON(http.StatusBadRequest, gin.H{"error": "name is taken"})
		return
	}
	if err != nil {
		c.JSON(http.StatusInternalServerError, gin.H{"error": "internal error"})
		return
	}
	c.JSON(http.StatusCreated, o)
}
