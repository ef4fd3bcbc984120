-- MySQL dump 10.19  Distrib 10.3.39-MariaDB
/*!40101 SET NAMES utf8 */;
DROP TABLE IF EXISTS `vicidial_agent_log`;
CREATE TABLE `vicidial_agent_log` (
  `agent_log_id` varchar(255) DEFAULT NULL,
  `user` varchar(255) DEFAULT NULL,
  `server_ip` varchar(255) DEFAULT NULL,
  `event_time` varchar(255) DEFAULT NULL,
  `lead_id` varchar(255) DEFAULT NULL,
  `campaign_id` varchar(255) DEFAULT NULL,
  `pause_epoch` varchar(255) DEFAULT NULL,
  `pause_sec` varchar(255) DEFAULT NULL,
  `wait_epoch` varchar(255) DEFAULT NULL,
  `wait_sec` varchar(255) DEFAULT NULL,
  `talk_epoch` varchar(255) DEFAULT NULL,
  `talk_sec` varchar(255) DEFAULT NULL,
  `dispo_epoch` varchar(255) DEFAULT NULL,
  `dispo_sec` varchar(255) DEFAULT NULL,
  `status` varchar(255) DEFAULT NULL,
  `user_group` varchar(255) DEFAULT NULL,
  `comments` varchar(255) DEFAULT NULL,
  `sub_status` varchar(255) DEFAULT NULL,
  `dead_epoch` varchar(255) DEFAULT NULL,
  `dead_sec` varchar(255) DEFAULT NULL,
  `processed` varchar(255) DEFAULT NULL,
  `uniqueid` varchar(255) DEFAULT NULL,
  KEY `x` (`agent_log_id`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES `vicidial_agent_log` WRITE;
INSERT INTO `vicidial_agent_log` VALUES (501,6001,'192.0.2.10','2026-03-04 09:00:00',101,'SALES1',1772632800,60,1772632860,30,1772632890,120,1772633010,20,'SALE','SALES',NULL,'LOGIN',1772633000,10,'N','1772632888.101'),(502,6001,'192.0.2.10','2026-03-04 09:03:50',102,'SALES1',1772633030,'0',1772633030,40,1772633070,60,1772633130,10,'A','SALES',NULL,NULL,NULL,'0','N','1772633070.102'),(503,6001,'192.0.2.10','2026-03-04 09:05:40',201,'SALES1',1772633140,300,1772633440,20,1772633460,180,1772633640,30,'XFER','SALES',NULL,'LUNCH',NULL,'0','N','1772633440.205'),(504,6001,'192.0.2.10','2026-03-04 09:14:30',NULL,'SALES1',1772633670,330,NULL,'0',NULL,'0',NULL,'0',NULL,'SALES',NULL,'BREAK',NULL,'0','N',NULL);
UNLOCK TABLES;
DROP TABLE IF EXISTS `vicidial_campaign_statuses`;
CREATE TABLE `vicidial_campaign_statuses` (
  `status` varchar(255) DEFAULT NULL,
  `status_name` varchar(255) DEFAULT NULL,
  `selectable` varchar(255) DEFAULT NULL,
  `campaign_id` varchar(255) DEFAULT NULL,
  `human_answered` varchar(255) DEFAULT NULL,
  `category` varchar(255) DEFAULT NULL,
  `sale` varchar(255) DEFAULT NULL,
  `dnc` varchar(255) DEFAULT NULL,
  `customer_contact` varchar(255) DEFAULT NULL,
  `not_interested` varchar(255) DEFAULT NULL,
  `unworkable` varchar(255) DEFAULT NULL,
  `scheduled_callback` varchar(255) DEFAULT NULL,
  KEY `x` (`status`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES `vicidial_campaign_statuses` WRITE;
INSERT INTO `vicidial_campaign_statuses` VALUES ('CUSTST','Asked for an offer','Y','SALES1','Y','UNDEFINED','N','N','Y','N','N','Y');
UNLOCK TABLES;
DROP TABLE IF EXISTS `vicidial_closer_log`;
CREATE TABLE `vicidial_closer_log` (
  `closecallid` varchar(255) DEFAULT NULL,
  `lead_id` varchar(255) DEFAULT NULL,
  `list_id` varchar(255) DEFAULT NULL,
  `campaign_id` varchar(255) DEFAULT NULL,
  `call_date` varchar(255) DEFAULT NULL,
  `start_epoch` varchar(255) DEFAULT NULL,
  `end_epoch` varchar(255) DEFAULT NULL,
  `length_in_sec` varchar(255) DEFAULT NULL,
  `status` varchar(255) DEFAULT NULL,
  `phone_code` varchar(255) DEFAULT NULL,
  `phone_number` varchar(255) DEFAULT NULL,
  `user` varchar(255) DEFAULT NULL,
  `comments` varchar(255) DEFAULT NULL,
  `processed` varchar(255) DEFAULT NULL,
  `queue_seconds` varchar(255) DEFAULT NULL,
  `user_group` varchar(255) DEFAULT NULL,
  `term_reason` varchar(255) DEFAULT NULL,
  `xfercallid` varchar(255) DEFAULT NULL,
  `uniqueid` varchar(255) DEFAULT NULL,
  `agent_only` varchar(255) DEFAULT NULL,
  `queue_position` varchar(255) DEFAULT NULL,
  `mood` varchar(255) DEFAULT NULL,
  KEY `x` (`closecallid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES `vicidial_closer_log` WRITE;
INSERT INTO `vicidial_closer_log` VALUES (9001,201,999,'SUPPORT','2026-03-04 09:10:40',1772633440,1772633640,200,'XFER',1,2025550201,6001,'a "quoted", note','N','20.00','SUPPORT','AGENT','0','1772633440.205','',1,'x'),(9002,202,999,'BILLING','2026-03-04 09:14:00',1772633640,1772633760,120,'NI',1,2025550202,6002,'a "quoted", note','N','10.50','SUPPORT','CALLER',77,'1772633440.205','',1,'x'),(9003,203,999,'SUPPORT','2026-03-04 09:12:00',1772633520,1772633565,45,'DROP',1,2025550203,'VDCL','a "quoted", note','N','45.00','SUPPORT','ABANDON','0','1772633520.220','',1,'x'),(9004,204,999,'SUPPORT','2026-03-04 09:13:00',1772633580,1772633700,120,'TIMEOT',1,2025550204,'VDCL','a "quoted", note','N','60.00','SUPPORT','QUEUETIMEOUT','0','1772633580.221','',1,'x'),(9005,205,999,'SUPPORT','2026-03-04 09:30:00',1772634600,1772634600,'0','AFTHRS',1,2025550205,'VDCL','a "quoted", note','N','0.00','SUPPORT','AFTERHOURS','0','1772634600.222','',1,'x'),(9006,206,999,'SUPPORT','2026-03-04 09:30:10',1772634610,1772634610,'0','NANQUE',1,2025550206,'VDCL','a "quoted", note','N','0.00','SUPPORT','NOAGENT','0','1772634610.223','',1,'x'),(9007,207,999,'ZCARE','2026-03-04 09:15:00',1772633700,1772633760,60,'RESOLV',1,2025550207,6003,'a "quoted", note','N','5.25','SUPPORT','CALLER','0','1772633700.224','',1,'x'),(9008,208,999,'SUPPORT','2026-03-04 09:16:00',1772633760,1772633820,60,'DROP',1,2025550208,'VDCL','a "quoted", note','N','60.00','SUPPORT','QUEUETIMEOUT','0','1772633760.225','',1,'x'),(9009,209,999,'SUPPORT','2026-03-04 09:18:00',1772633880,NULL,NULL,'QUEUE',1,2025550209,'VDCL','a "quoted", note','N','0','SUPPORT','NONE','0','1772633880.226','',1,'x'),(9010,210,999,'SUPPORT','2026-03-04 09:19:10',1772633950,1772633940,'-10','NI',1,2025550210,6002,'a "quoted", note','N','3.00','SUPPORT','AGENT','0','1772633950.227','',1,'x'),(9011,211,999,'LOSTGRP','2026-03-04 09:19:20',1772633960,1772633970,10,'NI',1,2025550211,6002,'a "quoted", note','N','3.00','SUPPORT','AGENT','0','1772633960.228','',1,'x');
UNLOCK TABLES;
DROP TABLE IF EXISTS `vicidial_log`;
CREATE TABLE `vicidial_log` (
  `uniqueid` varchar(255) DEFAULT NULL,
  `lead_id` varchar(255) DEFAULT NULL,
  `list_id` varchar(255) DEFAULT NULL,
  `campaign_id` varchar(255) DEFAULT NULL,
  `call_date` varchar(255) DEFAULT NULL,
  `start_epoch` varchar(255) DEFAULT NULL,
  `end_epoch` varchar(255) DEFAULT NULL,
  `length_in_sec` varchar(255) DEFAULT NULL,
  `status` varchar(255) DEFAULT NULL,
  `phone_code` varchar(255) DEFAULT NULL,
  `phone_number` varchar(255) DEFAULT NULL,
  `user` varchar(255) DEFAULT NULL,
  `comments` varchar(255) DEFAULT NULL,
  `processed` varchar(255) DEFAULT NULL,
  `user_group` varchar(255) DEFAULT NULL,
  `term_reason` varchar(255) DEFAULT NULL,
  `alt_dial` varchar(255) DEFAULT NULL,
  `called_count` varchar(255) DEFAULT NULL,
  KEY `x` (`uniqueid`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES `vicidial_log` WRITE;
INSERT INTO `vicidial_log` VALUES ('1772632888.101',101,998,'SALES1','2026-03-04 09:01:28',1772632888,1772633000,112,'SALE',1,2025550101,6001,'line\none	tab','N','SALES','CALLER','MAIN',1),('1772633070.102',102,998,'SALES1','2026-03-04 09:04:30',1772633070,1772633130,60,'A',1,2025550102,6001,'line\none	tab','N','SALES','AGENT','MAIN',1),('1772632920.103',103,998,'SALES1','2026-03-04 09:02:00',1772632920,1772632945,25,'NA',1,2025550103,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772632930.104',104,998,'SALES1','2026-03-04 09:02:10',1772632930,1772632935,5,'AB',1,2025550104,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772632940.106',106,998,'SALES1','2026-03-04 09:02:20',1772632940,1772632942,2,'ADC',1,2025550106,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772633160.107',107,998,'SALES1','2026-03-04 09:06:00',1772633160,1772633168,8,'DROP',1,2025550107,'VDAD','line\none	tab','N','SALES','ABANDON','MAIN',1),('1772633170.108',108,998,'SALES1','2026-03-04 09:06:10',1772633170,1772633171,1,'PDROP',1,2025550108,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772633180.109',109,998,'SALES1','2026-03-04 09:06:20',1772633180,1772633190,10,'AA',1,2025550109,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772633220.110',110,998,'SALES1','2026-03-04 09:07:00',1772633220,NULL,NULL,'INCALL',1,2025550110,6002,'line\none	tab','N','SALES','NONE','MAIN',1),('1772633280.111',111,998,'SALES1','2026-03-04 09:08:00',1772633280,1772633340,60,'CUSTST',1,2025550111,6002,'line\none	tab','N','SALES','AGENT','MAIN',1),('1772633290.112',112,998,'SALES1','2026-03-04 09:08:10',1772633290,1772633292,2,'ZZZZ',1,2025550112,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1),('1772633400.113',113,998,'SALES1','2026-03-04 09:09:10',1772633350,1772633365,15,'DC',1,2025550113,6002,'line\none	tab','N','SALES','AGENT','MAIN',1),('1772633340.114',114,998,'SALES1','2026-03-04 09:09:00',NULL,NULL,20,'NA',1,2025550114,'VDAD','line\none	tab','N','SALES','NONE','MAIN',1);
UNLOCK TABLES;
DROP TABLE IF EXISTS `vicidial_user_log`;
CREATE TABLE `vicidial_user_log` (
  `user_log_id` varchar(255) DEFAULT NULL,
  `user` varchar(255) DEFAULT NULL,
  `event` varchar(255) DEFAULT NULL,
  `campaign_id` varchar(255) DEFAULT NULL,
  `event_date` varchar(255) DEFAULT NULL,
  `event_epoch` varchar(255) DEFAULT NULL,
  `user_group` varchar(255) DEFAULT NULL,
  KEY `x` (`user_log_id`)
) ENGINE=MyISAM DEFAULT CHARSET=utf8;
LOCK TABLES `vicidial_user_log` WRITE;
INSERT INTO `vicidial_user_log` VALUES (1,6001,'LOGIN','SALES1','2026-03-04 09:00:00',1772632800,'SALES'),(2,6001,'LOGOUT','SALES1','2026-03-04 09:20:00',1772634000,'SALES');
UNLOCK TABLES;
