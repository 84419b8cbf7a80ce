"""Every line of the threat table that the product answers for now, and where it is proved.

A line is its number, what is tried, and the tests that try it.
"""

from __future__ import annotations

SOCKET, REST = "realtime/test_threats.py", "conversations/test_threats.py"
STRANGERS, RIGHTS = "realtime/test_bad_credentials.py", "realtime/test_ended_rights.py"
FOREIGN = "realtime/test_foreign_things.py"
RACES = "conversations/test_races.py"
FILES = "conversations/test_file_threats.py"
FRAME = f"{SOCKET}::test_a_bad_frame_gets_its_code_and_ends_nothing"
BREAKS = f"{SOCKET}::test_a_frame_that_breaks_the_protocol_closes_with_its_code"
CREDENTIAL = f"{STRANGERS}::test_a_bad_credential_is_closed_with_its_code"
ENDS = f"{RIGHTS}::test_a_right_that_ends_closes_the_socket_within_two_seconds"
BODY = f"{REST}::test_a_bad_body_is_refused_by_its_code_and_nothing_is_stored"
QUERY = f"{REST}::test_a_bad_query_is_refused_by_its_code"
SEARCH = f"{REST}::test_a_search_takes_every_character_as_itself"
KEPT = f"{REST}::test_what_is_written_is_kept_as_it_was_written"
REPEAT = f"{REST}::test_a_repeat_answers_with_the_first_message_and_sends_nothing"
BEARER = "accounts/test_credentials.py::test_over_http_a_bad_credential_is_401_with_the_same_reason"
GUESSING = "accounts/test_guessing.py"
LOGIN, MEMBERS, PAGES = "accounts/test_login.py", "accounts/test_members.py", "accounts/test_pages.py"

DOORS, ADDRESSES = "conversations/test_bad_deliveries.py", "conversations/test_addresses.py"
CUSTOMERS, HAPPENINGS = "whatsapp/test_customers.py", "whatsapp/test_happenings.py"
WEBHOOK, QUARANTINE = "whatsapp/test_webhook.py", "whatsapp/test_quarantine.py"

LINES: dict[int, tuple[str, list[str]]] = {
    1: ("a huge frame", [BREAKS, f"{SOCKET}::test_1_a_frame_of_64_kib_is_read"]),
    2: ("a huge frame in fragments", [BREAKS]),
    3: ("a binary frame", [BREAKS]),
    4: ("bytes that are not UTF-8", [BREAKS]),
    5: ("broken JSON", [FRAME, BODY]),
    6: ("JSON that is no object", [FRAME, BODY]),
    7: ("a kind that there is not", [FRAME, BODY]),
    8: ("the server's own words", [FRAME]),
    9: ("a key that stands twice", [FRAME, BODY]),
    10: ("brackets without end", [FRAME, BODY]),
    11: ("numbers beyond every column", [FRAME, BODY]),
    12: ("numbers that are none", [FRAME, BODY]),
    13: ("NUL", [FRAME, BODY, QUERY]),
    14: ("half a surrogate pair", [FRAME, BODY]),
    15: ("invisible characters", [BODY, KEPT, f"{LOGIN}::test_15_bad_words_in_a_profile_are_refused"]),
    16: ("too long a text", [FRAME, BODY]),
    19: ("a reaction twice", [f"{REST}::test_19_the_same_reaction_twice_and_one_that_is_not_there_change_nothing"]),
    20: ("markup", [KEPT, f"{SOCKET}::test_20_markup_is_passed_on_as_it_was_written"]),
    21: ("a link that runs", [KEPT, "js/widget/drawing.test.js::a link that would run is text"]),
    22: ("nothing at all", [BODY, f"{FOREIGN}::test_22_78_79_81_a_message_is_refused_or_repeated_as_over_rest"]),
    23: ("a compressed bomb", [f"{SOCKET}::test_23_compression_is_not_negotiated"]),
    24: ("a flood of pings", [f"{SOCKET}::test_24_a_flood_of_control_frames_closes"]),
    25: (
        "a flood",
        [
            f"{SOCKET}::test_25_a_flood_is_read_slower_and_then_closed_and_nobody_else_notices",
            "niochat/test_throttling.py::test_the_61st_request_of_a_second_is_refused_and_the_next_second_is_free_25",
            "niochat/test_throttling.py::test_one_address_does_not_use_up_anothers_share",
        ],
    ),
    26: ("a flood of typing", ["test_threats.py::test_26_typing_without_end_is_told_once_in_a_while"]),
    27: ("who does not read", [f"{SOCKET}::test_27_a_client_that_does_not_read_is_closed_within_a_while"]),
    28: ("silence", [f"{STRANGERS}::test_28_silence_without_credentials_is_closed"]),
    29: (
        "a command before credentials, and others' later",
        [
            f"{STRANGERS}::test_29_a_command_before_credentials_is_closed",
            "realtime/test_sockets.py::test_a_socket_can_not_become_somebody_else_s",
        ],
    ),
    30: ("a peer that is gone", [f"{SOCKET}::test_30_a_peer_without_a_sign_of_life_is_closed"]),
    31: ("too many sockets", [f"{SOCKET}::test_31_the_twenty_first_socket_is_one_too_many_and_the_others_stay"]),
    35: (
        "a foreign page with the user's cookie",
        [
            "realtime/test_sockets.py::test_a_foreign_page_can_not_use_the_cookie_and_may_still_show_a_token",
            f"{PAGES}::test_60_changes_by_cookie_need_the_pages_csrf_token",
        ],
    ),
    38: (
        "a page where a socket is",
        ["niochat/test_asgi.py::test_a_plain_get_on_a_sockets_path_is_told_to_upgrade_38"],
    ),
    39: (
        "no credentials",
        [
            f"{LOGIN}::test_39_and_45_no_credentials_or_a_token_in_the_query_are_401",
            f"{STRANGERS}::test_28_silence_without_credentials_is_closed",
        ],
    ),
    40: ("garbage for a token", [CREDENTIAL, BEARER]),
    41: ("an old token", [CREDENTIAL, BEARER]),
    42: ("a token for something else", [CREDENTIAL, BEARER]),
    43: ("a token of another algorithm", [CREDENTIAL, BEARER]),
    44: ("a refresh token for access", [CREDENTIAL, BEARER]),
    45: (
        "a token in the address",
        [
            f"{LOGIN}::test_39_and_45_no_credentials_or_a_token_in_the_query_are_401",
            "realtime/test_sockets.py::test_no_token_is_in_the_server_s_log",
            "niochat/test_server.py::test_compression_is_not_negotiated_23_and_no_token_is_logged_45",
        ],
    ),
    47: ("a refresh token twice", [ENDS, f"{LOGIN}::test_47_an_old_one_shown_again_ends_the_whole_family"]),
    48: ("a token that ends", ["realtime/test_sockets.py::test_a_token_s_end_is_announced_and_then_final"]),
    49: ("logout", [ENDS, f"{LOGIN}::test_49_logout_kills_access_and_refresh_at_once"]),
    50: ("a new password", [ENDS, f"{LOGIN}::test_50_a_new_password_ends_every_other_session"]),
    51: ("a disabled user", [ENDS, f"{MEMBERS}::test_51_a_disabled_member_is_out_at_once"]),
    52: (
        "rights that were taken",
        [ENDS, f"{REST}::test_52_a_role_and_an_inbox_that_were_taken_are_gone_with_the_next_request"],
    ),
    53: (
        "a suspended company",
        [
            ENDS,
            f"{LOGIN}::test_53_a_suspended_tenant_is_403_at_login_and_for_every_token",
            f"{REST}::test_53_a_suspended_companys_doors_are_shut_to_its_own_and_to_customers",
        ],
    ),
    54: (
        "passwords by the hundred",
        [f"{GUESSING}::test_54_the_sixth_try_in_a_quarter_of_an_hour_waits_even_with_the_right_password"],
    ),
    56: (
        "who has an account here",
        [f"{GUESSING}::test_56_a_failed_login_never_tells_whether_there_is_such_an_account"],
    ),
    58: ("a password of a megabyte", [f"{GUESSING}::test_58_an_overlong_password_is_refused_before_it_costs_a_hash"]),
    60: (
        "a form of another site",
        [
            f"{PAGES}::test_60_changes_by_cookie_need_the_pages_csrf_token",
            f"{PAGES}::test_60_a_login_form_from_elsewhere_is_refused",
        ],
    ),
    61: ("a script of another site", ["accounts/test_credentials.py::test_61_a_foreign_origin_gets_no_leave_to_read"]),
    62: ("a way out of the login", [f"{PAGES}::test_62_next_leads_nowhere_else"]),
    63: (
        "fields that are not theirs to set",
        [
            f"{REST}::test_a_field_that_is_not_theirs_to_set_has_no_effect",
            f"{MEMBERS}::test_63_other_fields_have_no_effect",
            f"{FOREIGN}::test_63_nobody_sets_what_is_not_theirs_to_set",
        ],
    ),
    64: (
        "another company's id in a path",
        ["test_tenancy.py::test_another_companys_id_in_a_path_is_answered_as_a_missing_one", FRAME],
    ),
    65: (
        "another company's id in a body",
        ["test_tenancy.py::test_another_companys_id_in_a_body_is_an_unknown_reference", BODY],
    ),
    66: (
        "another company's conversation by socket",
        [f"{FOREIGN}::test_what_one_may_not_see_is_answered_as_what_does_not_exist"],
    ),
    67: (
        "an inbox that is restricted",
        [
            f"{REST}::test_67_a_restricted_inbox_is_not_there_for_who_is_no_member",
            f"{FOREIGN}::test_what_one_may_not_see_is_answered_as_what_does_not_exist",
        ],
    ),
    68: ("more than the role allows", ["test_permissions.py::test_who_has_not_the_permission_is_forbidden"]),
    71: ("a filter across relations", [QUERY]),
    74: (
        "another's survey",
        [
            "widget/test_surveys.py::test_row_74_a_guessed_token_is_unknown",
            "widget/test_surveys.py::test_row_74_after_fourteen_days_it_is_gone",
        ],
    ),
    75: ("a rating that is none", ["widget/test_surveys.py::test_row_75_reads_bad_rating"]),
    76: (
        "a visitor as somebody else",
        ["widget/test_sessions.py::test_row_76_an_identity_that_is_not_signed_by_the_site_is_refused"],
    ),
    77: (
        "a widget on a foreign site",
        [
            "widget/test_config.py::test_row_77_a_foreign_site_is_refused_on_every_route",
            "widget/test_consumer.py::test_row_77_a_foreign_site_gets_no_socket",
        ],
    ),
    78: ("a repeat", [REPEAT, f"{FOREIGN}::test_22_78_79_81_a_message_is_refused_or_repeated_as_over_rest"]),
    79: ("a repeat with another body", [REPEAT, f"{REST}::test_79_another_persons_number_is_another_message"]),
    80: ("a message without a number", [f"{REST}::test_80_without_a_number_two_are_two"]),
    81: ("a reply to what is closed", [f"{REST}::test_81_a_closed_conversation_takes_no_reply"]),
    82: (
        "another's message",
        [
            f"{REST}::test_82_only_its_author_deletes_a_message_and_twice_is_once",
            f"{FOREIGN}::test_82_another_s_message_may_not_be_deleted",
        ],
    ),
    83: ("a read mark from elsewhere", [f"{REST}::test_83_a_read_mark_is_clamped_foreign_or_stays"]),
    84: ("a cursor that is none", [FRAME]),
    85: ("a cursor of another history", ["realtime/test_sockets.py::test_cursors_that_can_not_be_served_are_named"]),
    86: (
        "two who take it at once",
        [f"{RACES}::test_86_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told_who"],
    ),
    87: ("a time that is none", [BODY, QUERY, "accounts/test_listing.py::test_any_other_time_is_refused"]),
    88: ("a page without end", [QUERY, "accounts/test_listing.py::test_a_page_out_of_range_is_refused"]),
    89: ("a search that takes for ever", [SEARCH]),
    90: ("a search for everything", [SEARCH, QUERY]),
    91: ("SQL in a query", [QUERY, SEARCH]),
    92: (
        "a formula in an export",
        ["audit/test_rest.py::test_a_csv_export_is_read_by_any_spreadsheet_and_run_by_none"],
    ),
    94: (
        "too large a body, or another kind",
        [
            f"{FILES}::test_94_a_form_and_json_in_a_file_upload_are_no_json",
            "niochat/test_bodies.py::test_a_declared_large_body_is_refused_unread_94",
        ],
    ),
    95: (
        "a forged signature",
        [
            f"{DOORS}::test_95_without_a_right_signature_it_is_401_before_anything_is_read",
            f"{WEBHOOK}::test_95_without_a_right_signature_nothing_is_stored_and_it_is_counted",
            "whatsapp/test_simulator.py::test_a_wrong_signature_is_refused_and_leaves_nothing",
            "gateways/test_doors.py::test_a_delivery_without_the_secret_is_refused_and_nothing_of_it_is_stored",
            "telegram/test_webhook.py::test_without_the_secret_it_is_401_and_nothing_is_kept",
        ],
    ),
    96: ("a signature of other bytes", [f"{WEBHOOK}::test_the_raw_bytes_are_what_is_signed"]),
    97: (
        "the same delivery five times",
        [
            f"{DOORS}::test_97_the_same_delivery_five_times_at_once_is_one_message",
            f"{WEBHOOK}::test_the_same_bytes_again_are_a_duplicate_that_leaves_no_trace",
        ],
    ),
    98: (
        "a captured delivery of last month",
        [
            f"{QUARANTINE}::test_98_99_100_what_is_set_aside_is_told_to_supervisors_and_written_down",
            f"{QUARANTINE}::test_98_a_captured_delivery_of_last_month_changes_nothing_whatever_it_says",
            f"{QUARANTINE}::test_98_a_captured_ban_of_last_month_pauses_nothing",
            "gateways/test_sessions.py::test_old_news_of_a_session_changes_nothing",
        ],
    ),
    99: (
        "another company's number or session",
        [
            f"{DOORS}::test_99_a_number_of_another_tenant_is_named_in_vain",
            f"{DOORS}::test_99_a_session_of_another_tenant_is_named_in_vain",
            f"{QUARANTINE}::test_98_99_100_what_is_set_aside_is_told_to_supervisors_and_written_down",
        ],
    ),
    100: (
        "an unknown number, an unknown kind",
        [f"{QUARANTINE}::test_98_99_100_what_is_set_aside_is_told_to_supervisors_and_written_down"],
    ),
    101: (
        "a batch with a poisoned entry",
        [
            f"{WEBHOOK}::test_a_poisoned_message_holds_up_no_other_and_ends_as_a_dead_letter",
            f"{QUARANTINE}::test_101_what_never_can_be_applied_ends_after_eight_tries_with_an_alarm",
            f"{QUARANTINE}::test_101_blank_words_poison_nothing",
            f"{DOORS}::test_101_no_part_of_a_delivery_however_odd_takes_the_others_along",
        ],
    ),
    102: ("statuses in any order", [f"{HAPPENINGS}::test_statuses_in_any_order_and_twice_only_rise"]),
    103: (
        "a status before our own answer",
        ["whatsapp/test_sending.py::test_a_status_that_overtakes_our_own_answer_waits_for_it"],
    ),
    104: (
        "three pictures of somebody new",
        [
            f"{CUSTOMERS}::test_three_pictures_in_one_second_of_a_new_contact_are_one_conversation",
            "conversations/test_inbound.py::test_three_photos_at_once_of_somebody_new_are_one_conversation",
        ],
    ),
    105: ("a handshake by guess", [f"{WEBHOOK}::test_a_wrong_verify_token_is_403_and_a_huge_challenge_400"]),
    106: ("a flood of deliveries", [f"{WEBHOOK}::test_past_a_backlog_the_provider_is_asked_to_come_back"]),
    107: (
        "a file inside our network",
        [
            f"{ADDRESSES}::test_107_files_are_fetched_from_the_providers_hosts_only",
            f"{ADDRESSES}::test_107_a_trusted_name_that_leads_inside_is_not_followed",
            f"{ADDRESSES}::test_107_an_inner_address_is_not_public",
        ],
    ),
    108: (
        "a name that changes its mind, a redirect",
        [
            f"{ADDRESSES}::test_108_a_name_is_looked_up_once_and_the_call_goes_to_what_was_looked_at",
            f"{ADDRESSES}::test_108_a_name_that_turns_inside_after_the_look_is_not_asked_again",
            f"{ADDRESSES}::test_108_a_redirect_leads_nowhere",
        ],
    ),
    109: (
        "a company's own address inside our network",
        [
            f"{ADDRESSES}::test_109_a_gateway_inside_our_network_is_refused",
            f"{ADDRESSES}::test_109_a_gateway_whose_name_leads_inside_is_never_called",
            f"{ADDRESSES}::test_109_only_who_runs_the_product_vouches_for_a_host_inside",
            f"{ADDRESSES}::test_109_the_operators_own_address_may_be_anywhere_and_a_company_may_name_no_other",
        ],
    ),
    110: (
        "an endless or slow remote",
        [
            f"{ADDRESSES}::test_110_a_slow_answer_ends_with_the_clock_however_it_drips",
            f"{ADDRESSES}::test_110_an_endless_answer_is_read_up_to_its_limit",
            f"{ADDRESSES}::test_110_who_does_not_answer_is_left_alone_for_a_while_and_others_are_not",
        ],
    ),
    111: (
        "a file's name that climbs",
        [f"{FILES}::test_a_file_s_name_is_only_a_name", f"{FILES}::test_111_a_name_that_no_file_has_is_refused"],
    ),
    113: ("a file that would run", [f"{FILES}::test_what_a_browser_would_run_is_a_download"]),
    117: (
        "no file, a huge one, one too many",
        [f"{FILES}::test_117_an_empty_file_a_huge_one_and_one_too_many_are_refused"],
    ),
    119: ("another's file", [f"{FILES}::test_119_120_a_file_is_reached_by_its_owners_or_by_a_fresh_link_in_one_range"]),
    120: ("many ranges", [f"{FILES}::test_119_120_a_file_is_reached_by_its_owners_or_by_a_fresh_link_in_one_range"]),
    121: (
        "a hand on the book",
        [
            "audit/test_rest.py::test_the_book_takes_no_changes",
            "audit/test_records.py::test_postgresql_refuses_what_gets_past_the_model",
            "audit/test_verification.py::test_tampering_is_found_where_it_happened",
        ],
    ),
    122: (
        "control characters in a log",
        ["niochat/test_logs.py::test_a_control_character_is_written_as_its_number_122"],
    ),
    123: (
        "secrets in a log",
        [
            "niochat/test_logs.py::test_a_secret_is_taken_out_wherever_it_stands_123",
            "conftest.py::no_secret_gets_into_a_log",
            "conversations/test_provider_secrets.py::test_no_answer_page_row_or_repr_holds_a_providers_secret",
            "test_overheard.py::test_a_secret_that_nobody_could_recognise_is_found_by_its_words",
            "niochat/test_errors.py::test_a_fault_is_found_by_the_id_that_its_answer_names",
        ],
    ),
    126: (
        "a frame of tomorrow",
        ["js/store.test.js::an unknown frame changes nothing, not even its name in the prototype"],
    ),
    127: ("a row that can't be read", ["test_threats.py::test_127_a_row_of_the_log_that_makes_no_sense_stops_nobody"]),
    128: ("a clock that jumps", ["test_threats.py::test_128_order_is_by_number_whatever_the_clock_says"]),
}
# The lines whose time is `first`, `now` and that of the providers; the others belong to hardening.
DUE = {
    *(1, 3, 5, 6, 7, 8, 11, 12, 13, 14, 20, 28, 38, 39, 40, 41, 44, 48, 49, 51, 52, 63, 64, 66, 68),
    *(2, 4, 9, 10, 15, 16, 19, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 35, 42, 43, 45, 47, 50, 53, 54, 56, 58, 60),
    *(61, 62, 65, 67, 71, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 94, 111, 113),
    *(117, 119, 120, 121, 122, 123, 126, 127, 128, *range(95, 111)),
}  # fmt: skip
