package serve

import (
	"net/http"

	"muvpn/client"
)

func (s *server) settings(w http.ResponseWriter, r *http.Request, _ Caller) error {
	list, err := s.service.Settings(r.Context(), r.FormValue("profile"))
	if err != nil {
		return err
	}
	return answer(w, list)
}

func (s *server) set(w http.ResponseWriter, r *http.Request, who Caller) error {
	var one client.Set
	if err := request(r, &one); err != nil {
		return err
	}
	list, err := s.service.Set(r.Context(), who, one)
	if err != nil {
		return err
	}
	return answer(w, list)
}
